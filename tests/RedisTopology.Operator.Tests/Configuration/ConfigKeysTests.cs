using System.Globalization;
using RedisTopology.Operator.Configuration;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;

namespace RedisTopology.Operator.Tests.Configuration;

/// <summary>The table of settings against the server that is installed: what it says of each is what the server does.</summary>
public sealed class ConfigKeysTests
{
    [Fact]
    public async Task The_table_knows_every_setting_of_a_real_server_and_how_it_can_be_changed()
    {
        await using var server = await RedisProcess.StartAsync(new RedisProcessOptions { Cluster = true }, TestContext.Current.CancellationToken);
        var (engine, version) = Engine((string)(await server.ExecuteAsync("INFO", "server"))!);
        var reply = (object?[])(await server.ExecuteAsync("CONFIG", "GET", "*"))!;
        var mistakes = new List<string>();
        var tried = 0;
        foreach (var pair in reply.Chunk(2))
        {
            var (name, value) = ((string)pair[0]!, (string?)pair[1] ?? "");
            if (ConfigKeys.Find(name) is not { } key)
            {
                mistakes.Add($"{name} is not in the table");
                continue;
            }

            if (key.Since(engine) is not { } since || since > version)
                mistakes.Add($"{name} is there in {engine} {version}, the table says since {key.Since(engine)}");
            if (key.Class is not (ConfigClass.Live or ConfigClass.Restart))
                continue;
            tried++;
            var refusal = await SetAsync(server, name, value);
            if (key.Class == ConfigClass.Live && refusal is not null)
                mistakes.Add($"{name} is live in the table, and the server says: {refusal}");
            // Newer servers take some of these while they run; a restart suits all.
            if (key.Class == ConfigClass.Restart && version < new Version(8, 0) && refusal?.Contains("immutable", StringComparison.Ordinal) != true)
                mistakes.Add($"{name} is read at the start in the table, and the server says: {refusal ?? "OK"}");
            if (key.Class == ConfigClass.Live && key.Default is { } standard && !SettingValue.Same(name, standard, value))
                mistakes.Add($"{name} is {value} by default, the table says {standard}");
        }

        Assert.Empty(mistakes);
        Assert.True(tried > 90, $"only {tried} settings were tried");
    }

    [Fact]
    public async Task What_the_operator_sets_itself_it_finds_again()
    {
        await using var server = await RedisProcess.StartAsync(new RedisProcessOptions { Cluster = true }, TestContext.Current.CancellationToken);
        foreach (var spec in new[]
        {
            TestClusters.Even,
            """
            {"size": {"memory": "1Gi"}, "replicas": 2, "sharding": {"count": 1}, "failover": {"durability": "Bounded"}, "persistence": {"mode": "RDB"},
             "config": {"client-query-buffer-limit": "64mb", "notify-keyspace-events": "KEA", "latency-tracking-info-percentiles": "50 99.9", "activerehashing": "NO", "hz": "20"}}
            """,
        })
        {
            var wanted = RedisConf.Live(TestClusters.Define(spec), memory: 0);
            Assert.True(wanted.Count > 14);
            Assert.False(wanted.ContainsKey("maxmemory"));
            foreach (var (name, value) in wanted)
            {
                Assert.Null(await SetAsync(server, name, value));
                var actual = (string?)((object?[])(await server.ExecuteAsync("CONFIG", "GET", name))!)[1] ?? "";
                Assert.True(SettingValue.Same(name, value, actual), $"{name}: {value} is answered as {actual}");
            }
        }
    }

    [Fact]
    public void A_setting_that_was_taken_out_goes_back_to_the_engines_own_value()
    {
        var definition = TestClusters.Define(TestClusters.With(TestClusters.Even, "config", """{"hz": "20"}""")) with { FormerSettings = ["maxclients", "io-threads", "tcp-keepalive", "lazyfree-lazy-expire"] };
        var live = RedisConf.Live(definition, memory: 0);
        Assert.Equal(("20", "10000", "60"), (live["hz"], live["maxclients"], live["tcp-keepalive"]));

        // The one is read at the start alone; the default of the other depends on the engine.
        Assert.False(live.ContainsKey("io-threads") || live.ContainsKey("lazyfree-lazy-expire"));
    }

    /// <summary>While pods grow, buffers follow the memory that a pod has; while they shrink, that of the spec, which the pods come down to.</summary>
    [Theory]
    [InlineData(0, 32, 153)]
    [InlineData(512, 16, 76)]
    [InlineData(1024, 32, 153)]
    [InlineData(2048, 32, 153)]
    [InlineData(8, 1, 16)]
    public void Buffers_follow_the_memory_of_the_container_upwards_and_go_before_it_downwards(long memory, long backlog, long output)
    {
        var live = RedisConf.Live(TestClusters.Define(TestClusters.Even), memory << 20);
        Assert.Equal(backlog << 20, long.Parse(live["repl-backlog-size"], CultureInfo.InvariantCulture));
        Assert.Equal(output, long.Parse(live["client-output-buffer-limit"].Split(' ')[1], CultureInfo.InvariantCulture) >> 20);
    }

    [Fact]
    public void A_value_the_servers_refused_is_in_no_file_and_is_not_tried_again()
    {
        var definition = TestClusters.Define(TestClusters.With(TestClusters.Even, "config", """{"hz": "much", "maxclients": "5"}""")) with { RefusedSettings = ["hz"] };
        Assert.DoesNotContain("hz", RedisConf.Render(definition), StringComparison.Ordinal);
        Assert.Contains("maxclients \"5\"\n", RedisConf.Render(definition), StringComparison.Ordinal);
        Assert.False(RedisConf.Live(definition, memory: 0).ContainsKey("hz"));
    }

    [Theory]
    [InlineData("client-query-buffer-limit", "64mb", "67108864", true)]
    [InlineData("client-query-buffer-limit", "64m", "67108864", false)]
    [InlineData("appendfsync", "ALWAYS", "always", true)]
    [InlineData("save", "3600 1  300 100", "3600 1 300 100", true)]
    [InlineData("save", "", "3600 1", false)]
    [InlineData("notify-keyspace-events", "KEA", "AKE", true)]
    [InlineData("notify-keyspace-events", "KEg$lshzxetd", "AKE", true)]
    [InlineData("notify-keyspace-events", "KE", "AKE", false)]
    [InlineData("client-output-buffer-limit", "replica 1 2 3", "normal 0 0 0 slave 1 2 3 pubsub 1 1 1", true)]
    [InlineData("client-output-buffer-limit", "replica 1 2 3", "normal 1 2 3 slave 1 2 4 pubsub 1 1 1", false)]
    [InlineData("hz", "10", "11", false)]
    public void Two_ways_to_write_a_value_are_one_value(string name, string wanted, string actual, bool same) => Assert.Equal(same, SettingValue.Same(name, wanted, actual));

    [Fact]
    public void Every_other_name_leads_to_a_setting_that_is_none()
    {
        foreach (var alias in ConfigKeys.All.Where(k => k.Class == ConfigClass.Alias))
            Assert.NotEqual(ConfigClass.Alias, ConfigKeys.Find(alias.Note)!.Class);
        Assert.All(ConfigKeys.All.Where(k => k.Class == ConfigClass.Owned), k => Assert.NotEmpty(k.Note));
    }

    private static async Task<string?> SetAsync(RedisProcess server, string name, string value)
    {
        try
        {
            await server.ExecuteAsync("CONFIG", "SET", name, value);
            return null;
        }
        catch (RespErrorException e)
        {
            return e.Message;
        }
    }

    private static (EngineType Engine, Version Version) Engine(string info)
    {
        var facts = info.Split('\n').Select(l => l.Trim().Split(':', 2)).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1]);
        var valkey = facts.TryGetValue("valkey_version", out var text);
        var parts = (valkey ? text! : facts["redis_version"]).Split('.');
        return (valkey ? EngineType.Valkey : EngineType.Redis, new Version(int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture)));
    }
}
