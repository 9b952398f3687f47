namespace RedisTopology.Sidecar.Protocol;

/// <summary>What <see cref="RequestScanner"/> found.</summary>
internal enum ScanResult : byte
{
    /// <summary>A whole request.</summary>
    Whole,

    /// <summary>More bytes are needed.</summary>
    More,

    /// <summary>An empty line or an empty array: to be passed over.</summary>
    Nothing,

    /// <summary>No request: the connection is answered with the error and closed.</summary>
    Broken,
}
