using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// A server reads no key, and no copy of a dataset, that a newer one has written (seen with Redis 8.6 and 7.0.15: "DUMP payload version or checksum are wrong"). In the middle of an
/// upgrade the target is about to be replaced by one that does; the other way round nothing hinders.
/// </summary>
internal static class Versions
{
    /// <summary>Whether a target cannot read what this source writes.</summary>
    public static bool IsNewer(ObservedPod source, ObservedPod target) =>
        source.Node?.Version is { } from && target.Node?.Version is { } to && (from.Major, from.Minor).CompareTo((to.Major, to.Minor)) > 0;

    /// <summary>Whether a slot is half-way to a server that cannot read its keys: it stays so until that one is replaced, and must not keep it from that.</summary>
    public static bool AwaitsUpgrade(ObservedPod pod, OpenSlot mark, TopologyView view) =>
        view.LivePod(mark.PeerId) is { } peer && (mark.Importing ? IsNewer(peer, pod) : IsNewer(pod, peer));
}
