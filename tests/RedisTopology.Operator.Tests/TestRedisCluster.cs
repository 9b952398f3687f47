using System.Globalization;

namespace RedisTopology.Operator.Tests;

/// <summary>A cluster of real servers: masters with even slots, the first of them with replicas.</summary>
internal sealed class TestRedisCluster : IAsyncDisposable
{
    public const string Password = "secret";
    private readonly List<RedisProcess> _nodes = [];

    /// <summary>The masters, then the replicas of the first master.</summary>
    public IReadOnlyList<RedisProcess> Nodes => _nodes;

    public static async Task<TestRedisCluster> FormAsync(int masters, int replicas, int nodeTimeoutMilliseconds = 5000, Func<int, string>? hostname = null, string? binary = null, params string[] config)
    {
        var cluster = new TestRedisCluster();
        try
        {
            await cluster.StartAsync(masters + replicas, nodeTimeoutMilliseconds, hostname, binary, config);
            var nodes = cluster.Nodes;
            // As the operator forms one: epochs that collide are told apart by the servers themselves, later, and slots that move meanwhile go astray.
            for (var i = 0; i < nodes.Count; i++)
                await nodes[i].ExecuteAsync("CLUSTER", "SET-CONFIG-EPOCH", Text(i + 1));
            for (var i = 1; i < nodes.Count; i++)
                await nodes[0].ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", Text(nodes[i].Port));
            for (var i = 0; i < masters; i++)
                await nodes[i].ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", Text(i * 16384 / masters), Text(((i + 1) * 16384 / masters) - 1));
            var first = (string)(await nodes[0].ExecuteAsync("CLUSTER", "MYID"))!;
            foreach (var replica in nodes.Skip(masters))
            {
                await EventuallyOk(async () => (string?)await replica.ExecuteAsync("CLUSTER", "NODES"), text => text!.Contains($"{first} 127.0.0.1", StringComparison.Ordinal));
                await replica.ExecuteAsync("CLUSTER", "REPLICATE", first);
            }

            foreach (var node in nodes)
            {
                await EventuallyOk(
                    async () => $"{await node.ExecuteAsync("CLUSTER", "INFO")}\n{await node.ExecuteAsync("INFO", "replication")}",
                    text => text.Contains("cluster_state:ok", StringComparison.Ordinal)
                        && text.Contains($"cluster_known_nodes:{nodes.Count}", StringComparison.Ordinal)
                        && !text.Contains("master_link_status:down", StringComparison.Ordinal));
                // Who follows whom travels by gossip, and only what a node has heard is in its nodes.conf.
                await EventuallyOk(async () => (string?)await node.ExecuteAsync("CLUSTER", "NODES"), text => text.Split($"slave {first}").Length == replicas + 1);
            }

            await EventuallyOk(
                async () => (string)(await nodes[0].ExecuteAsync("INFO", "replication"))!,
                text => text.Split("state=online").Length == replicas + 1);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public static async Task<bool> IsMasterAsync(RedisProcess node) =>
        ((string)(await node.ExecuteAsync("INFO", "replication"))!).Contains("role:master", StringComparison.Ordinal);

    /// <summary>Waits until a replica has everything its master had when this was called.</summary>
    public static async Task CatchUpAsync(RedisProcess master, RedisProcess replica)
    {
        var offset = await OffsetAsync(master, "master_repl_offset:");
        await Eventually.ThatAsync(() => OffsetAsync(replica, "slave_repl_offset:"), o => o >= offset, TimeSpan.FromSeconds(10), ct: TestContext.Current.CancellationToken);
        // The master learns of it with the next acknowledgement, at most a second later.
        await Eventually.ThatAsync(
            async () => (string)(await master.ExecuteAsync("INFO", "replication"))!,
            info => info.Split('\n').Any(l => l.StartsWith("slave", StringComparison.Ordinal) && l.Contains($"port={replica.Port},", StringComparison.Ordinal)
                && long.Parse(l.Split("offset=")[1].Split(',')[0], CultureInfo.InvariantCulture) >= offset),
            TimeSpan.FromSeconds(10),
            ct: TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }

    private static async Task<long> OffsetAsync(RedisProcess node, string field) => long.Parse(
        ((string)(await node.ExecuteAsync("INFO", "replication"))!).Split('\n').Single(l => l.StartsWith(field, StringComparison.Ordinal))[field.Length..].Trim(), CultureInfo.InvariantCulture);

    private async Task StartAsync(int count, int nodeTimeoutMilliseconds, Func<int, string>? hostname, string? binary, string[] config)
    {
        for (var i = 0; i < count; i++)
        {
            var options = new RedisProcessOptions { Cluster = true, Password = Password };
            options.Config.Add($"cluster-node-timeout {nodeTimeoutMilliseconds}");
            options.Config.Add("cluster-require-full-coverage no");
            options.Config.Add("cluster-allow-replica-migration no");
            options.Config.Add("repl-diskless-sync-delay 0");
            options.Config.Add("enable-debug-command yes");
            if (binary is not null)
                options.Binary = binary;
            foreach (var line in config)
                options.Config.Add(line);
            if (hostname is not null)
                options.Config.Add($"cluster-announce-hostname {hostname(i)}");
            _nodes.Add(await RedisProcess.StartAsync(options, TestContext.Current.CancellationToken));
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static Task<string?> EventuallyOk(Func<Task<string?>> observe, Func<string, bool> condition) =>
        Eventually.ThatAsync(observe, text => condition(text!), TimeSpan.FromSeconds(30), ct: TestContext.Current.CancellationToken);
}
