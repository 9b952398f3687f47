using RedisTopology.Population.Tests.Support;
using static RedisTopology.Population.Tests.Support.RedisStore;

namespace RedisTopology.Population.Tests.Reading;

/// <summary>Reads of a real server.</summary>
public sealed class LoadingTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private static readonly PopulationPolicy Policy = new() { Ttl = TimeSpan.FromMinutes(1), NegativeTtl = TimeSpan.FromSeconds(30) };
    private static int _number;
    private readonly ReadOnlyMemory<byte> _key = Bytes($"blog:{Interlocked.Increment(ref _number)}");

    [Fact]
    public async Task A_miss_is_loaded_and_stored_plainly_and_then_it_is_a_hit()
    {
        using var populator = new Populator(server.Store, Policy);
        var first = await populator.GetOrLoadAsync(_key, Origin("a post", out var calls));
        var second = await populator.GetOrLoadAsync(_key, Origin("another", out _));

        Assert.Equal((PopulationStatus.Loaded, "a post"), (first.Status, Text(first.Value)));
        Assert.Equal((PopulationStatus.Hit, "a post"), (second.Status, Text(second.Value)));
        Assert.Equal(1, calls());
        Assert.Equal("a post", (string?)await server.Database.StringGetAsync(Text(_key)));
        var left = (await server.Database.KeyTimeToLiveAsync(Text(_key)))!.Value;
        Assert.InRange(left.TotalSeconds, 53, 66);
        Assert.False(await server.Database.KeyExistsAsync(Text(new SiblingKeys(_key).Lease)));
    }

    [Fact]
    public async Task Many_in_several_processes_make_one_call()
    {
        var populators = Enumerable.Range(0, 4).Select(_ => new Populator(server.Store, Policy)).ToArray();
        var calls = 0;
        var results = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => populators[i % 4].GetOrLoadAsync(_key, async (_, ct) =>
        {
            Interlocked.Increment(ref calls);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, ct);
            return OriginAnswer.Found(Bytes("v"));
        }).AsTask()));

        Assert.Equal(1, calls);
        Assert.All(results, r => Assert.Equal("v", Text(r.Value)));
        Assert.Equal(1, populators.Sum(p => p.Counters.OriginCalls));
        Assert.Equal(1, populators.Sum(p => p.Counters.Fills));
    }

    [Fact]
    public async Task What_the_origin_does_not_have_is_asked_once()
    {
        using var populator = new Populator(server.Store, Policy);
        var calls = 0;
        for (var i = 0; i < 3; i++)
        {
            var result = await populator.GetOrLoadAsync(_key, (_, _) =>
            {
                calls++;
                return new(OriginAnswer.NotFound());
            });
            Assert.Equal(PopulationStatus.NotFound, result.Status);
            Assert.False(result.HasValue);
        }

        Assert.Equal(1, calls);
        Assert.Equal(2, populator.Counters.Negatives);
        await populator.SetAsync(_key, Bytes("now"));
        Assert.Equal("now", Text((await populator.GetOrLoadAsync(_key, Origin("never", out _))).Value));
    }

    [Fact]
    public async Task An_origin_that_fails_is_an_error_and_the_next_reader_asks_again()
    {
        using var populator = new Populator(server.Store, Policy);
        var failed = await populator.GetOrLoadAsync(_key, (_, _) => throw new InvalidOperationException("boom"));
        Assert.Equal((PopulationStatus.OriginDown, "boom"), (failed.Status, failed.Error));
        Assert.Equal("boom", Assert.Throws<OriginDownException>(() => failed.ValueOrThrow()).Message);
        Assert.Equal("v", Text((await populator.GetOrLoadAsync(_key, Origin("v", out _))).Value));
    }

    [Fact]
    public async Task An_origin_that_does_not_answer_is_given_up_at_its_timeout()
    {
        using var populator = new Populator(server.Store, Policy with { Timeout = TimeSpan.FromMilliseconds(100) });
        var result = await populator.GetOrLoadAsync(_key, async (_, _) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(30), TimeProvider.System, CancellationToken.None);
            return OriginAnswer.Found(default);
        });
        Assert.Equal((PopulationStatus.OriginDown, "the origin did not answer within 100 ms"), (result.Status, result.Error));
    }

    [Fact]
    public async Task The_load_goes_on_when_its_caller_has_gone()
    {
        using var populator = new Populator(server.Store, Policy);
        using var caller = new CancellationTokenSource();
        var answer = new TaskCompletionSource<OriginAnswer>();
        var waiting = populator.GetOrLoadAsync(_key, (_, _) => new(answer.Task), caller.Token).AsTask();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        var second = populator.GetOrLoadAsync(_key, Origin("never", out var calls)).AsTask();
        answer.SetResult(OriginAnswer.Found(Bytes("v")));
        await second;
        Assert.Equal("v", Text((await populator.GetOrLoadAsync(_key, Origin("never", out _))).Value));
        Assert.Equal(0, calls());
    }

    [Fact]
    public async Task A_loader_that_died_is_succeeded_when_its_lease_ends()
    {
        var policy = Policy with { Timeout = TimeSpan.FromMilliseconds(200) };
        using var dies = new Populator(new RedisStore(server.Database) { Before = s => s == PopulationScripts.Fill || s == PopulationScripts.Release ? new TaskCompletionSource().Task : Task.CompletedTask }, policy);
        using var lives = new Populator(server.Store, policy);
        _ = dies.LoadAsync(_key, Origin("dead", out var first)).AsTask();
        await RedisTopology.Testing.Eventually.ThatAsync(() => Task.FromResult(first()), n => n == 1, TimeSpan.FromSeconds(5));
        var result = await lives.GetOrLoadAsync(_key, Origin("v", out var second));
        Assert.Equal((PopulationStatus.Loaded, "v"), (result.Status, Text(result.Value)));
        Assert.Equal(2, first() + second());
    }

    [Fact]
    public async Task A_fill_of_what_was_read_before_a_delete_is_refused_and_who_asks_after_it_gets_the_new_value()
    {
        using var populator = new Populator(server.Store, Policy);
        var answer = new TaskCompletionSource<OriginAnswer>();
        var asked = new TaskCompletionSource();
        var value = "old";
        var calls = 0;
        OriginLoader origin = async (_, _) =>
        {
            var read = value;
            asked.TrySetResult();
            return ++calls == 1 ? await answer.Task : OriginAnswer.Found(Bytes(read));
        };
        var before = populator.GetOrLoadAsync(_key, origin).AsTask();
        await asked.Task;
        value = "new";
        await populator.RemoveAsync(_key);
        var after = populator.GetOrLoadAsync(_key, origin).AsTask();
        answer.SetResult(OriginAnswer.Found(Bytes("old")));

        Assert.Equal("old", Text((await before).Value));
        Assert.Equal("new", Text((await after).Value));
        Assert.Equal("new", (string?)await server.Database.StringGetAsync(Text(_key)));
        Assert.Equal(1, populator.Counters.RefusedFills);
    }

    [Fact]
    public async Task A_value_past_its_time_is_served_and_renewed_once()
    {
        var policy = Policy with { Stale = TimeSpan.FromMinutes(10) };
        using var one = new Populator(server.Store, policy);
        using var two = new Populator(server.Store, policy);
        await server.Database.StringSetAsync(Text(_key), "old", TimeSpan.FromMinutes(5));
        var calls = 0;
        var answer = new TaskCompletionSource<OriginAnswer>();
        OriginLoader origin = (_, _) =>
        {
            Interlocked.Increment(ref calls);
            return new(answer.Task);
        };
        for (var i = 0; i < 20; i++)
        {
            var result = await (i % 2 == 0 ? one : two).GetOrLoadAsync(_key, origin);
            Assert.Equal((PopulationStatus.Stale, "old"), (result.Status, Text(result.Value)));
        }

        answer.SetResult(OriginAnswer.Found(Bytes("new")));
        await RedisTopology.Testing.Eventually.ThatAsync(async () => await one.GetOrLoadAsync(_key, origin), r => r.Status == PopulationStatus.Hit, TimeSpan.FromSeconds(5));
        Assert.Equal(1, calls);
        Assert.Equal(1, one.Counters.Renewals + two.Counters.Renewals);
    }

    [Fact]
    public async Task While_the_origin_is_down_values_are_served_in_their_stale_window_and_the_origin_is_left_in_peace()
    {
        using var populator = new Populator(server.Store, Policy with { Stale = TimeSpan.FromMinutes(10) });
        await server.Database.StringSetAsync(Text(_key), "old", TimeSpan.FromMinutes(5));
        for (var i = 0; i < 50; i++)
            Assert.Equal(PopulationStatus.Stale, (await populator.GetOrLoadAsync(_key, (_, _) => new(OriginAnswer.Failed("down")))).Status);
        Assert.Equal(50, populator.Counters.Stale);
        Assert.Equal(1, populator.Counters.OriginErrors);
    }

    [Fact]
    public async Task An_early_refresh_comes_at_random_and_more_often_towards_the_end()
    {
        using var populator = new Populator(server.Store, Policy with { EarlyRefreshBeta = 1 }, random: new Random(1));
        await populator.GetOrLoadAsync(_key, async (_, ct) =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, ct);
            return OriginAnswer.Found(Bytes("v"));
        });
        var early = Enumerable.Range(0, 10_000).Count(_ => populator.IsDue(TimeSpan.FromSeconds(2)));
        var late = Enumerable.Range(0, 10_000).Count(_ => populator.IsDue(TimeSpan.FromMilliseconds(50)));
        Assert.InRange(early, 0, 5);
        Assert.InRange(late, 5_500, 6_700);
    }

    private static OriginLoader Origin(string value, out Func<int> calls)
    {
        var count = 0;
        calls = () => Volatile.Read(ref count);
        return (_, _) =>
        {
            Interlocked.Increment(ref count);
            return new(OriginAnswer.Found(Bytes(value)));
        };
    }
}
