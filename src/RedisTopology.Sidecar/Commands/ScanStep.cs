using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Commands;

/// <summary>What one SCAN of a client needs.</summary>
public sealed class ScanStep
{
    /// <summary>The master to ask with <see cref="ServerCursor"/>; null when <see cref="IsLast"/>, or when there is no master at all.</summary>
    public Node? Node { get; internal init; }

    /// <summary>The cursor in the request to <see cref="Node"/>.</summary>
    public ulong ServerCursor => Place?.Server ?? 0;

    /// <summary>All servers have been gone through: what is left is to find out whether slots moved meanwhile.</summary>
    public bool IsLast => Place is { Tag: ScanCursor.End };

    internal ScanMemory.Place? Place { get; init; }
}
