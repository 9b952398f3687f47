using System.Globalization;
using RedisTopology.Sidecar.Tests.Wire;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Engine;

/// <summary>Many who keep what they read, while others write, slots move and connections are lost: in the end nobody keeps what is not so.</summary>
public sealed class TrackingLoadTests(WholeClusterTests.World world) : IClassFixture<WholeClusterTests.World>
{
    private static readonly string[] Keys = [.. Enumerable.Range(0, 40).Select(i => $"load:{i}")];

    [Fact]
    public async Task Nobody_keeps_what_is_not_so()
    {
        world.Flush();
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(n => Task.Run(() => Read(n, stop.Token))).ToArray();
        var writers = Enumerable.Range(0, 2).Select(n => Task.Run(() => Write(n, stop.Token))).ToArray();
        for (var i = 0; i < 6; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, TestContext.Current.CancellationToken);
            await world.MoveAsync(Keys[i]);
            await world.Cluster.Masters[i % 3].ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        using var client = world.Connect();
        var truth = Keys.ToDictionary(k => k, k => client.Must("GET", k).Text);
        foreach (var reader in await Task.WhenAll(readers))
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{reader.Hits} reads from its own, told {reader.Told} times, told to forget all {reader.Forgot} times");
            await Eventually.ThatAsync(() => Task.FromResult(reader.Listen().Cache), c => c.All(e => e.Value == truth[e.Key]), TimeSpan.FromSeconds(30));
            Assert.True(reader is { Hits: > 0, Told: > 0, Forgot: > 0 });
            reader.Dispose();
        }
    }

    private CachingClient Read(int number, CancellationToken stop)
    {
        var random = new Random(number);
        var client = world.Caching();
        while (!stop.IsCancellationRequested)
            client.Listen().Read([.. Enumerable.Range(0, 10).Select(_ => Keys[random.Next(Keys.Length)])]);
        return client;
    }

    private void Write(int number, CancellationToken stop)
    {
        var random = new Random(number);
        using var client = world.Connect();
        // One that was under way on a lost connection may have been carried out: it is not what this is about.
        for (var i = 0; !stop.IsCancellationRequested; i++)
            client.Call("SET", Keys[random.Next(Keys.Length)], i.ToString(CultureInfo.InvariantCulture));
    }
}
