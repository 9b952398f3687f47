namespace RedisTopology.Sidecar.Topology.Views;

/// <summary>A server as another one (or itself) sees it.</summary>
internal sealed record ViewNode
{
    /// <summary>Its id in the cluster.</summary>
    public required string Id { get; init; }

    /// <summary>Where clients are to reach it: a name or an address; empty means the host that was asked, as Redis defines it.</summary>
    public required string Host { get; init; }

    /// <summary>Its port for clients.</summary>
    public required int Port { get; init; }

    /// <summary>The address the servers know it by: for when <see cref="Host"/> is a name nobody can resolve. May be empty.</summary>
    public string Ip { get; init; } = "";

    /// <summary>Whether it is a replica.</summary>
    public bool IsReplica { get; init; }

    /// <summary>The id of its master, for a replica that has one.</summary>
    public string? MasterId { get; init; }

    /// <summary>Whether a majority of the masters found it dead.</summary>
    public bool Failed { get; init; }

    /// <summary>Whether the link to it is up, from where this is seen.</summary>
    public bool Linked { get; init; }

    /// <summary>The epoch of its claim on its slots: of two claims on one slot, the newer wins.</summary>
    public long ConfigEpoch { get; init; }

    /// <summary>Its slots, as first and last of each range.</summary>
    public IReadOnlyList<(int First, int Last)> Slots { get; init; } = [];

    /// <summary>Its zone, when the server tells (Valkey 8.1 and newer).</summary>
    public string? Zone { get; init; }
}
