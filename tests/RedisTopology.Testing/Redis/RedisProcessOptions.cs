using System.Net;

namespace RedisTopology.Testing;

/// <summary>How a <see cref="RedisProcess"/> is started.</summary>
public sealed class RedisProcessOptions
{
    /// <summary>A server's name to look for on PATH (<c>redis-server</c>, <c>valkey-server</c>) or its path. Default: <c>REDIS_SERVER</c> from the environment, else <c>redis-server</c>.</summary>
    public string Binary { get; set; } = Environment.GetEnvironmentVariable("REDIS_SERVER") is { Length: > 0 } binary ? binary : "redis-server";

    /// <summary>Starts an empty cluster node, whose bus is at port + 10000. Default false.</summary>
    public bool Cluster { get; set; }

    /// <summary>
    /// Where it listens, and whence it connects: an address of 127.0.0.0/8, so that <see cref="BlackHole"/> can cut it off. In a cluster the first server's; each further one has
    /// the next address. Default null: all are at 127.0.0.1.
    /// </summary>
    public IPAddress? Address { get; set; }

    /// <summary>Password of the default user. Default null: none.</summary>
    public string? Password { get; set; }

    /// <summary>
    /// Files of TLS for its second port, <see cref="RedisProcess.TlsPort"/>, which is what a cluster's bus, its replication and the addresses it tells are then of. The harness itself goes on by
    /// <see cref="RedisProcess.Port"/>, in plain text. Default null: plain text alone.
    /// </summary>
    public (string CaFile, string CertificateFile, string KeyFile)? Tls { get; set; }

    /// <summary>Further lines of redis.conf, e.g. <c>appendonly yes</c>; they win over those of the harness.</summary>
    public IList<string> Config { get; } = [];
}
