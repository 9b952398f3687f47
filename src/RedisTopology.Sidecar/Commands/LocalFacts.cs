namespace RedisTopology.Sidecar.Commands;

/// <summary>What local answers tell of the sidecar and of the servers behind it.</summary>
public sealed record LocalFacts
{
    /// <summary>"redis" or "valkey", as HELLO says it. Default "redis".</summary>
    public string Server { get; init; } = "redis";

    /// <summary>The servers' version, the oldest where they differ: clients choose their commands by it. Default 7.2.0, until a server has been asked.</summary>
    public string Version { get; init; } = "7.2.0";

    /// <summary>For Valkey, the Redis version it says it is compatible with. Default: <see cref="Version"/>.</summary>
    public string? RedisVersion { get; init; }

    /// <summary>The password clients must give; null when they need none.</summary>
    public byte[]? ClientPassword { get; init; }

    /// <summary>The port clients connect to.</summary>
    public int Port { get; init; }

    /// <summary>How many clients may be connected.</summary>
    public int MaxClients { get; init; } = 10_000;
}
