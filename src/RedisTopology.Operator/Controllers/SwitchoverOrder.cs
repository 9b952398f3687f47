using System.Globalization;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;

namespace RedisTopology.Operator.Controllers;

/// <summary>
/// Reads the annotation by which a person (<c>kubectl cache failover</c>) asks for a switchover. It names the master it is meant for and an end, so that nobody has to
/// take it away: what is left behind by a client that died does nothing later.
/// </summary>
internal static class SwitchoverOrder
{
    /// <summary>No order is valid for longer, whatever it says.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>The order, when there is one and it is still valid.</summary>
    /// <param name="cluster">The entity.</param>
    /// <param name="now">The time.</param>
    public static Switchover? Of(CacheCluster cluster, DateTimeOffset now)
    {
        if (cluster.Metadata.Annotations?.TryGetValue(Labels.Switchover, out var text) != true
            || text!.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var shard, var from, var to, var end]
            || !DateTimeOffset.TryParse(end, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until)
            || now >= until || until - now > Longest)
            return null;
        return new Switchover(shard, from, to == "-" ? null : to);
    }
}
