using RedisTopology.Bench.Harness;
using RedisTopology.Operator.Entities;
using RedisTopology.Testing;
using RedisTopology.Testing.Kubelet;
using RedisTopology.Testing.Load;

namespace RedisTopology.Bench.Operations;

/// <summary>A cluster of 3 shards with a replica each, its operator, and a load on it.</summary>
internal sealed class LoadedCluster : IAsyncDisposable
{
    /// <summary>
    /// Before each operation. A server that was promoted holds no other election for four node timeouts, and writes are held back until it may: with three shards
    /// in turn and a node timeout of 2 s, each comes round again after 8 s or more.
    /// </summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1.5);

    private readonly BenchWorld _world;
    private readonly OperatorProcess _operator;

    private LoadedCluster(BenchWorld world, OperatorProcess @operator, BenchCluster cluster, ClusterLoad load, string password) =>
        (_world, _operator, Cluster, Load, Password) = (world, @operator, cluster, load, password);

    public BenchCluster Cluster { get; }

    public ClusterLoad Load { get; }

    public ProcessKubelet Kubelet => _world.Kubelet;

    public ControlPlane Plane => _world.Plane;

    private string Password { get; }

    public static async Task<LoadedCluster> StartAsync(string name, string? nodeTimeout, CancellationToken cancel)
    {
        var world = await BenchWorld.StartAsync(new ProcessKubeletOptions(), cancel);
        await BenchCluster.CreateNamespaceAsync(world.Plane, name, cancel);
        var cluster = new BenchCluster(world.Plane.Client, name, "cc", new ClusterShape(3, 1));
        var running = await world.StartOperatorAsync(cancel);
        await cluster.CreateAsync(cancel, nodeTimeout);
        await cluster.UntilAsync(BenchCluster.IsReady, cancel);
        var password = await cluster.PasswordAsync(cancel);

        // Without a pause to speak of: the finest gap that is seen is one command's time.
        var load = await ClusterLoad.StartAsync(() => cluster.Endpoints(world.Kubelet), () => password, new ClusterLoadOptions { Lanes = 6, Think = TimeSpan.FromMilliseconds(1), ReplyTimeout = TimeSpan.FromMilliseconds(500) });
        return new LoadedCluster(world, running, cluster, load, password);
    }

    /// <summary>Full name of the pod that is the master of a shard, and of the one that is not.</summary>
    public static (string Master, string Replica) Roles(CacheClusterStatus status, int shard)
    {
        var master = status.Shards![shard].Master!;
        return (master, master[..^1] + (master[^1] == '0' ? '1' : '0'));
    }

    /// <summary>Promotes a replica, as the operator does.</summary>
    public async Task FailoverAsync(string pod, CancellationToken cancel)
    {
        var result = await Kubelet.ExecAsync($"{Cluster.Namespace}/{pod}", "redis", ["sh", "-c", "REDISCLI_AUTH=\"$0\" redis-cli cluster failover", Password], cancel);
        if (result.Stdout.Trim() != "OK")
            throw new InvalidOperationException($"CLUSTER FAILOVER on {pod}: {result.Stdout}{result.Stderr}");
    }

    /// <summary>The longest gap of an operation on a cluster that was quiet before it: from the operation until the cluster is whole again.</summary>
    public async Task<double> GapAsync(Func<Task> operation, Func<CacheClusterStatus, bool> done, CancellationToken cancel)
    {
        await Task.Delay(Rest, TimeProvider.System, cancel);
        var since = TimeProvider.System.GetTimestamp();
        await operation();
        await Cluster.UntilAsync(s => done(s) && BenchCluster.IsReady(s), cancel);
        return Load.LongestGap(since).TotalMilliseconds;
    }

    public async ValueTask DisposeAsync()
    {
        await Load.DisposeAsync();
        await _operator.DisposeAsync();
        await _world.DisposeAsync();
    }
}
