namespace RedisTopology.Client.Tests;

/// <summary>How the library reaches the cluster.</summary>
public enum Way
{
    /// <summary>Straight.</summary>
    Straight,

    /// <summary>Through the sidecar.</summary>
    Sidecar,
}
