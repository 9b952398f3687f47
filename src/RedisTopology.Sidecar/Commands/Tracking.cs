namespace RedisTopology.Sidecar.Commands;

/// <summary>What a client asked for with CLIENT TRACKING.</summary>
[Flags]
public enum Tracking : byte
{
    /// <summary>Nothing: it is told of no changes.</summary>
    None = 0,

    /// <summary>It is told when a key that it has read may have changed.</summary>
    On = 1,

    /// <summary>Only of keys that it reads after CLIENT CACHING YES. It is told of the others as well, which does no harm.</summary>
    OptIn = 2,

    /// <summary>Not of keys that it reads after CLIENT CACHING NO. As above.</summary>
    OptOut = 4,

    /// <summary>Not of its own changes. As above.</summary>
    NoLoop = 8,
}
