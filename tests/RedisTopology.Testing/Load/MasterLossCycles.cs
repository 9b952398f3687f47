using System.Globalization;

namespace RedisTopology.Testing.Load;

/// <summary>
/// A cluster of three masters with a replica each, a sidecar before it, and a <see cref="ClusterLoad"/> through the sidecar: masters are lost and come back, again and again, one shard
/// after the other, and the sidecar is never restarted.
/// </summary>
public sealed class MasterLossCycles : IAsyncDisposable
{
    private const int Shards = 3;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private readonly LocalCluster _cluster;
    private readonly SidecarProcess _sidecar;
    private readonly ClusterLoad _load;
    private readonly BlackHole _hole;
    private int _turn;

    private MasterLossCycles(LocalCluster cluster, SidecarProcess sidecar, ClusterLoad load, BlackHole hole) => (_cluster, _sidecar, _load, _hole) = (cluster, sidecar, load, hole);

    /// <summary>The sidecar.</summary>
    public SidecarProcess Sidecar => _sidecar;

    /// <summary>Starts them all.</summary>
    /// <param name="nodeTimeout">After how long the servers take one of them for failed. In milliseconds.</param>
    /// <param name="config">Further lines of the sidecar's configuration.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<MasterLossCycles> StartAsync(int nodeTimeout = 2000, string[]? config = null, CancellationToken ct = default)
    {
        var options = new RedisProcessOptions { Address = BlackHole.NewAddress(), Config = { $"cluster-node-timeout {nodeTimeout.ToString(CultureInfo.InvariantCulture)}", "cluster-replica-validity-factor 0" } };
        var cluster = await LocalCluster.StartAsync(Shards, 1, options, ct);
        SidecarProcess? sidecar = null;
        try
        {
            sidecar = await SidecarProcess.StartAsync(cluster.Seeds, config, ct: ct);
            var endpoint = $"127.0.0.1:{sidecar.Port}";
            var load = await ClusterLoad.StartAsync(() => [endpoint], () => null, new ClusterLoadOptions { Lanes = 6, StaticKeys = 300, ThroughProxy = true, ReplyTimeout = Limit, Deadline = Limit });
            return new MasterLossCycles(cluster, sidecar, load, new BlackHole());
        }
        catch
        {
            await (sidecar?.DisposeAsync() ?? ValueTask.CompletedTask);
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The master of the next shard is lost, is replaced, and comes back.</summary>
    /// <param name="loss">How it is lost.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="EventuallyException">The cluster did not form anew, or a client got no write through in a minute.</exception>
    public async Task<MasterOutage> RunAsync(MasterLoss loss, CancellationToken ct = default)
    {
        await SettledAsync(ct);
        var (master, replica) = await RolesAsync(_turn++ % Shards);
        var lost = TimeProvider.System.GetTimestamp();
        await LoseAsync(master, loss);
        await ReformedAsync(master, replica, ct);
        var reformed = TimeProvider.System.GetTimestamp();
        var after = await Eventually.ThatAsync(() => Task.FromResult(_load.Resumed(reformed)), t => t is not null, Limit, Look, ct: ct);
        var outage = new MasterOutage(TimeProvider.System.GetElapsedTime(lost, reformed), after!.Value, _load.LongestGap(lost));
        await MendAsync(master, loss, ct);
        return outage;
    }

    /// <summary>Ends the load and tells what it saw, once all servers are back.</summary>
    /// <param name="ct">Ends the wait.</param>
    public async Task<LoadReport> StopAsync(CancellationToken ct = default)
    {
        await SettledAsync(ct);
        return await _load.StopAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _load.DisposeAsync();
        await _sidecar.DisposeAsync();
        await _hole.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    private Task LoseAsync(RedisProcess master, MasterLoss loss)
    {
        if (loss == MasterLoss.Killed)
            return master.KillAsync();
        if (loss == MasterLoss.CutOff)
            return _hole.CutAsync(master.Address);
        master.Freeze();
        return Task.CompletedTask;
    }

    private Task MendAsync(RedisProcess master, MasterLoss loss, CancellationToken ct)
    {
        if (loss == MasterLoss.Killed)
            return master.StartAgainAsync(ct);
        if (loss == MasterLoss.CutOff)
            return _hole.HealAsync();
        master.Resume();
        return Task.CompletedTask;
    }

    private async Task<(RedisProcess Master, RedisProcess Replica)> RolesAsync(int shard)
    {
        var (one, other) = (_cluster.Masters[shard], _cluster.Replicas[shard]);
        return ((object?[])(await one.ExecuteAsync("ROLE"))!)[0] is "master" ? (one, other) : (other, one);
    }

    /// <summary>Every server but the lost one takes the promoted one for the master and serves.</summary>
    private async Task ReformedAsync(RedisProcess lost, RedisProcess promoted, CancellationToken ct)
    {
        foreach (var server in _cluster.Nodes.Where(n => n != lost).OrderBy(n => n == promoted ? 0 : 1))
        {
            await Eventually.ThatAsync(
                async () => $"{await server.ExecuteAsync("CLUSTER", "INFO")}{await server.ExecuteAsync("CLUSTER", "NODES")}",
                text => text.Contains("cluster_state:ok", StringComparison.Ordinal) && IsMaster(text, promoted),
                Limit,
                Look,
                ct: ct);
        }
    }

    private async Task SettledAsync(CancellationToken ct)
    {
        foreach (var server in _cluster.Nodes)
        {
            await Eventually.ThatAsync(
                async () => $"{await server.ExecuteAsync("CLUSTER", "INFO")}{await server.ExecuteAsync("CLUSTER", "NODES")}{await server.ExecuteAsync("INFO", "replication")}",
                text => text.Contains("cluster_state:ok", StringComparison.Ordinal) && text.Split("slave ").Length == Shards + 1 && !text.Contains(",fail", StringComparison.Ordinal)
                    && !text.Contains("master_link_status:down", StringComparison.Ordinal),
                Limit,
                ct: ct);
        }
    }

    private static bool IsMaster(string nodes, RedisProcess server) =>
        nodes.Split('\n').Any(l => l.Contains($" {server.Endpoint}@", StringComparison.Ordinal) && l.Contains("master", StringComparison.Ordinal));
}
