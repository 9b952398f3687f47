using System.Globalization;
using System.Text;
using RedisTopology.Population.Tests.Support;
using RedisTopology.Testing;
using StackExchange.Redis;

namespace RedisTopology.Population.Tests.Model;

/// <summary>The scripts as they are modelled, and as real servers run them: random calls, the same answers, the same keys.</summary>
public sealed class FaithfulnessTests
{
    [Fact]
    public async Task Redis_does_as_the_model() => await CompareAsync(new());

    [Fact]
    public async Task Valkey_9_does_as_the_model()
    {
        Assert.SkipWhen(Engines.Valkey9 is null, "no Valkey 9 here: tests/scripts/engines.sh brings it (root, debootstrap)");
        await CompareAsync(new() { Binary = Engines.Valkey9! });
    }

    [Fact]
    public async Task Redis_8_does_as_the_model()
    {
        Assert.SkipWhen(Engines.Redis8 is null, "no Redis 8 here: tests/scripts/engines.sh brings it (root, debootstrap)");
        await CompareAsync(new() { Binary = Engines.Redis8! });
    }

    [Fact]
    public async Task A_lease_never_reaches_a_replica()
    {
        await using var master = await RedisProcess.StartAsync();
        await using var replica = await RedisProcess.StartAsync();
        await replica.ExecuteAsync("REPLICAOF", "127.0.0.1", $"{master.Port}");
        await Eventually.ThatAsync(async () => (string)(await replica.ExecuteAsync("INFO", "replication"))!, i => i.Contains("master_link_status:up", StringComparison.Ordinal), TimeSpan.FromSeconds(20));
        await using var connection = await ConnectionMultiplexer.ConnectAsync(master.Endpoint);
        var store = new RedisStore(connection.GetDatabase());
        var keys = new SiblingKeys(RedisStore.Bytes("k"));
        Assert.Equal(PopulationScripts.Taken, (await store.RunAsync(PopulationScripts.Lookup, keys, [RedisStore.Bytes("r1"), RedisStore.Bytes("60000")], default)).Status);
        await master.ExecuteAsync("SET", "after", "1");
        await Eventually.ThatAsync(() => replica.ExecuteAsync("GET", "after"), v => v as string == "1", TimeSpan.FromSeconds(10));
        Assert.Equal(1L, await master.ExecuteAsync("EXISTS", RedisStore.Text(keys.Lease)!));
        Assert.Null(await replica.ExecuteAsync("GET", RedisStore.Text(keys.Lease)!));
        Assert.Equal(PopulationScripts.Done, (await store.RunAsync(PopulationScripts.Fill, keys, [RedisStore.Bytes("r1"), RedisStore.Bytes("v"), RedisStore.Bytes("60000")], default)).Status);
        await Eventually.ThatAsync(() => replica.ExecuteAsync("GET", "k"), v => v as string == "v", TimeSpan.FromSeconds(10));
    }

    private static async Task CompareAsync(RedisProcessOptions options)
    {
        await using var server = await RedisProcess.StartAsync(options);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(server.Endpoint + ",asyncTimeout=60000");
        var store = new RedisStore(connection.GetDatabase());
        var random = new Random(1);
        for (var run = 0; run < 60; run++)
        {
            var key = RedisStore.Bytes($"key:{run}");
            var siblings = new SiblingKeys(key);
            string[] keys = [RedisStore.Text(key)!, RedisStore.Text(siblings.Lease)!, RedisStore.Text(siblings.Negative)!];
            var model = new Keyspace();
            var course = new StringBuilder();
            for (var step = 0; step < 15; step++)
            {
                var script = PopulationScripts.All[random.Next(PopulationScripts.All.Count)];
                var arguments = Arguments(script, random);
                course.Append(CultureInfo.InvariantCulture, $"{script} {string.Join(' ', arguments)}\n");
                var expected = model.Run(script, keys, arguments, 0);
                var actual = await store.RunAsync(script, siblings, [.. arguments.Select(a => RedisStore.Bytes(a))], default);
                Assert.True(expected.Status == actual.Status && RedisStore.Text(expected.Value) == RedisStore.Text(actual.Value) && Near(expected.Number, actual.Number), $"run {run}:\n{course}expected {expected.Status} {expected.Number}, was {actual.Status} {actual.Number}");
                foreach (var name in keys)
                {
                    var left = (long)(await server.ExecuteAsync("PTTL", name))!;
                    Assert.True(Near(model.Pttl(name, 0), left), $"run {run}:\n{course}{name} has {left} ms left, and should have {model.Pttl(name, 0)}");
                    Assert.Equal(model.Get(name, 0), (string?)await server.ExecuteAsync("GET", name));
                }
            }
        }
    }

    // Times are far apart: what a real server has spent meanwhile does not matter.
    private static bool Near(long expected, long actual) => expected < 1000 ? expected == actual : Math.Abs(expected - actual) < 30_000;

    private static string[] Arguments(PopulationScript script, Random random)
    {
        string reader = random.Next(2) == 0 ? "r1" : "r2", writer = random.Next(2) == 0 ? "w1" : "w2", value = $"v{random.Next(3)}", time = random.Next(2) == 0 ? "1000000" : "2000000";
        return script.Name switch
        {
            "lookup" => [reader, time],
            "renew" => [reader, time, random.Next(2) == 0 ? "1500000" : "5000000"],
            "fill" => [reader, value, time],
            "fill negative" => [reader, random.Next(2) == 0 ? "0" : time],
            "release" => [reader],
            "begin write" => [writer, time],
            "commit write" => [writer, value, time],
            "abort write" => [writer, random.Next(3) switch { 0 => "-1", 1 => "-2", _ => time }],
            "set" => [value, random.Next(2) == 0 ? "0" : time],
            "add" => [value, time],
            _ => [],
        };
    }
}
