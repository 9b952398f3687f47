using Microsoft.Extensions.Hosting;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Redis;
using StackExchange.Redis;

namespace RedisTopology.Operator.Observation;

/// <summary>
/// Each second one server of every cluster is asked, in turn, for its view of the topology; gossip tells it of the others. When that view has changed since the
/// same server was last asked, or the server fell silent, the cluster is looked at in full. So role labels follow a failover within a second, for one command.
/// It tells as well how many clients it has refused: one that reads a new password at once learns of it before the operator does, and has the operator look (<see cref="RefusedClients"/>).
/// Masters for which an election could be held are asked as well, for a sign of life each second: how long one has been silent is to be known to the second.
/// </summary>
internal sealed class TopologyMonitor(ClusterStates states, RedisConnections connections, IEntityKeyQueue<CacheCluster> queue, ILeadership leadership, TimeProvider time)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A cluster that waits for its servers is looked at less and less often, and a server whose process ends says so by closing its connections.
        connections.News += cluster => queue.Enqueue(cluster);
        using var timer = new PeriodicTimer(Interval, time);
        for (var round = 0; await timer.WaitForNextTickAsync(stoppingToken); round++)
        {
            if (!leadership.IsLeader)
                continue;
            var turn = round;
            foreach (var (cluster, state) in states.All)
                Ping(cluster, state);
            await Task.WhenAll(states.All.Select(s => AskAsync(s.Key, s.Value, turn)));
        }
    }

    /// <summary>Nobody is waited for: a silent server must not make the others' signs late.</summary>
    private void Ping(ObjectKey cluster, ClusterState state)
    {
        var session = connections.Current(cluster);
        foreach (var address in state.Signs.Masters)
            _ = PingAsync(cluster, session, address, state.Signs);
    }

    private async Task PingAsync(ObjectKey cluster, RedisSession session, string address, ServerSigns signs)
    {
        signs.Asked(address, time.GetUtcNow());
        try
        {
            await session.ExecuteAsync(address, "PING");
        }
        catch (RedisUnavailableException)
        {
            if (signs.Missed(address))
                queue.Enqueue(cluster);
            return;
        }
        catch (RedisServerException)
        {
            // A refusal is a sign of life.
        }

        signs.Heard(address, time.GetUtcNow());
    }

    private async Task AskAsync(ObjectKey cluster, ClusterState state, int round)
    {
        var addresses = state.MonitoredAddresses;
        if (addresses.IsEmpty)
            return;
        var address = addresses[round % addresses.Length];
        var digest = "";
        var refused = false;
        try
        {
            var session = connections.Current(cluster);
            var (nodes, errors) = (session.ExecuteAsync(address, "CLUSTER", "NODES"), session.ExecuteAsync(address, "INFO", "errorstats"));
            await Task.WhenAll(nodes, errors);
            digest = NodeParser.Digest((string)(await nodes)!);
            refused = state.Refusals.Notice(address, NodeParser.RefusedPasswords((string)(await errors)!), time.GetUtcNow());
        }
        catch (Exception e) when (e is RedisUnavailableException or RedisServerException or FormatException)
        {
            // Silence is news as well; the empty digest tells it once.
        }

        lock (state.Digests)
        {
            var known = state.Digests.TryGetValue(address, out var before);
            state.Digests[address] = digest;
            if (!refused && (known ? before == digest : digest.Length > 0))
                return;
        }

        queue.Enqueue(cluster);
    }
}
