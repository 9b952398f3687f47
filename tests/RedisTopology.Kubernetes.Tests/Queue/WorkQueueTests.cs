using System.Collections.Concurrent;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace RedisTopology.Kubernetes.Tests.Queue;

public sealed class WorkQueueTests
{
    private static readonly TimeSpan Min = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_key_is_queued_once()
    {
        using var queue = new WorkQueue<int>(_time, Min, Max);
        queue.Add(1);
        queue.Add(1);

        Assert.Equal(1, await Take(queue));
        Assert.Equal(0, queue.State.Depth);
        queue.Done(1);
        Assert.Equal(0, queue.State.Depth);
    }

    [Fact]
    public async Task A_key_added_during_its_work_comes_again_after_it()
    {
        using var queue = new WorkQueue<int>(_time, Min, Max);
        queue.Add(1);
        await Take(queue);
        queue.Add(1);
        Assert.Equal(0, queue.State.Depth);

        queue.Done(1);

        Assert.Equal(1, await Take(queue));
    }

    [Fact]
    public async Task The_earlier_of_two_delays_wins()
    {
        using var queue = new WorkQueue<int>(_time, Min, Max);
        queue.AddAfter(1, TimeSpan.FromSeconds(10));
        queue.AddAfter(1, TimeSpan.FromSeconds(2));
        queue.AddAfter(1, TimeSpan.FromSeconds(5));

        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal(0, queue.State.Depth);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(1, await Take(queue));
        queue.Done(1);

        // The later ones are void, not merely late.
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(0, queue.State.Depth);
    }

    [Fact]
    public void Failures_double_the_delay_of_their_own_key_up_to_the_bound_until_it_succeeds()
    {
        using var queue = new WorkQueue<int>(_time, Min, Max);
        for (var failure = 1; failure <= 30; failure++)
        {
            var (count, delay) = queue.Retry(1);
            var step = Math.Min(Max.TotalMilliseconds, Min.TotalMilliseconds * Math.Pow(2, failure - 1));
            Assert.Equal(failure, count);
            Assert.InRange(delay.TotalMilliseconds, step * 0.5, step);
        }

        Assert.Equal(1, queue.Retry(2).Failures);
        queue.Forget(1);
        Assert.Equal(1, queue.Retry(1).Failures);
    }

    [Fact]
    public async Task First_come_first_served()
    {
        using var queue = new WorkQueue<int>(_time, Min, Max);
        for (var i = 0; i < 5; i++)
            queue.Add(i);
        // A busy key goes to the back each time.
        var order = new List<int>();
        for (var i = 0; i < 7; i++)
        {
            var key = await Take(queue);
            order.Add(key);
            if (key == 0)
                queue.Add(0);
            queue.Done(key);
        }

        Assert.Equal([0, 1, 2, 3, 4, 0, 0], order);
    }

    [Fact]
    public async Task Closing_wakes_every_taker_and_refuses_more()
    {
        using var queue = new WorkQueue<int>(_time, Min, Max);
        var takers = Enumerable.Range(0, 5).Select(_ => queue.TakeAsync(CancellationToken.None).AsTask()).ToArray();

        queue.Close();

        Assert.All(await Task.WhenAll(takers).WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken), key => Assert.Null(key));
        Assert.False(queue.Add(1));
        Assert.False(queue.AddAfter(1, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void The_age_is_that_of_the_key_waiting_longest()
    {
        using var queue = new WorkQueue<int>(_time, Min, Max);
        queue.Add(1);
        _time.Advance(TimeSpan.FromSeconds(3));
        queue.Add(2);

        Assert.Equal((2, TimeSpan.FromSeconds(3)), queue.State);
    }

    [Fact]
    public void No_key_is_ever_worked_on_twice_at_once_and_no_change_is_lost()
    {
        // Each change of a key raises its version; a worker sees the version when it starts. At the end each key's last version was seen.
        Gen.Select(Gen.Int[0, 5].Array[1, 200], Gen.Int[1, 6]).Sample(
            (adds, workers) =>
            {
                using var queue = new WorkQueue<int>(TimeProvider.System, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2));
                var versions = new int[6];
                var seen = new int[6];
                var busy = new int[6];
                var errors = new ConcurrentQueue<string>();
                async Task WorkAsync(int seed)
                {
                    var random = new Random(seed);
                    while (await queue.TakeAsync(CancellationToken.None) is { } key)
                    {
                        if (Interlocked.Increment(ref busy[key]) != 1)
                            errors.Enqueue($"two workers on {key}");
                        var version = Volatile.Read(ref versions[key]);
                        await Task.Yield();
                        var fails = random.Next(4) == 0;
                        if (!fails)
                            seen[key] = version;
                        Interlocked.Decrement(ref busy[key]);
                        if (fails)
                            queue.Retry(key);
                        queue.Done(key);
                    }
                }

                var running = Enumerable.Range(0, workers).Select(i => Task.Run(() => WorkAsync(i))).ToArray();
                foreach (var key in adds)
                {
                    Interlocked.Increment(ref versions[key]);
                    queue.Add(key);
                }

                var finished = SpinWait.SpinUntil(() => versions.AsSpan().SequenceEqual(seen), TimeSpan.FromSeconds(10));
                queue.Close();
                Task.WaitAll(running);
                return finished && errors.IsEmpty;
            },
            iter: 200,
            threads: 2);
    }

    private static async Task<int> Take(WorkQueue<int> queue)
        => (await queue.TakeAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken))!.Value;
}
