using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using RedisTopology.Core.Sizing;
using RedisTopology.Operator.Certificates;
using RedisTopology.Operator.Configuration;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Manifests;

/// <summary>The server's configuration. What differs from pod to pod, and the password, is added by the entry script.</summary>
internal static class RedisConf
{
    /// <summary>The engine's own save points: after an hour with a change, five minutes with a hundred, a minute with ten thousand.</summary>
    private const string SavePoints = "3600 1 300 100 60 10000";

    /// <summary>The settings that name the files of a certificate. Set anew, each makes a server read its file again.</summary>
    public static readonly ImmutableArray<(string Name, string File)> CertificateFiles =
    [
        ("tls-cert-file", $"{StatefulSetManifest.CertificateFolder}/{ServerCertificates.CertificateKey}"),
        ("tls-key-file", $"{StatefulSetManifest.CertificateFolder}/{ServerCertificates.PrivateKey}"),
        ("tls-ca-cert-file", $"{StatefulSetManifest.CertificateFolder}/{ServerCertificates.AuthoritiesKey}"),
    ];

    /// <summary>The file.</summary>
    /// <param name="definition">The cluster.</param>
    /// <returns>Its text.</returns>
    public static string Render(ClusterDefinition definition)
    {
        var conf = new StringBuilder();
        if (definition.Spec.Tls.Enabled)
            Tls();
        else
            Line("port", $"{StatefulSetManifest.RedisPort}");
        Line("bind", "* -::*");
        Line("dir", "/data");

        // Before what the entry script adds, which goes by the memory the container has in truth.
        Line("maxmemory", Text(definition.Sizing.MaxMemory));
        Line("include", "/run/redis/node.conf");
        Line("cluster-enabled", "yes");
        Line("cluster-config-file", "nodes.conf");
        foreach (var (name, value) in Own(definition, definition.Sizing))
            Line(name, value.Length == 0 ? "\"\"" : value);

        // The last line of a name wins: these are the person's.
        foreach (var (name, value) in Given(definition))
            Line(name, $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        return conf.ToString();

        // Other servers show a certificate of the cluster's authority on the bus in any case; clients prove themselves by the password.
        void Tls()
        {
            Line("port", "0");
            Line("tls-port", $"{StatefulSetManifest.RedisPort}");
            Line("tls-cluster", "yes");
            Line("tls-replication", "yes");
            Line("tls-auth-clients", "no");
            Line("tls-protocols", "\"TLSv1.2 TLSv1.3\"");
            foreach (var (name, file) in CertificateFiles)
                Line(name, file);
        }

        void Line(string key, string value) => conf.Append(CultureInfo.InvariantCulture, $"{key} {value}\n");
    }

    /// <summary>
    /// The settings that running servers should have: the operator's own, those of the spec, and the engine's value of those that were in the spec once. Not
    /// <c>maxmemory</c>, which follows the memory of the pods.
    /// </summary>
    /// <param name="definition">The cluster.</param>
    /// <param name="memory">
    /// The memory limit of the server's container, bytes; 0 when not known. While it is less than the spec's, what follows from the memory follows from this: buffers grow after the
    /// container and shrink before it.
    /// </param>
    /// <returns>Names and values, as <c>CONFIG SET</c> takes them.</returns>
    public static ImmutableSortedDictionary<string, string> Live(ClusterDefinition definition, long memory)
    {
        var sizing = memory <= 0 || memory >= definition.Memory
            ? definition.Sizing
            : MemorySizing.For(Math.Max(memory, MemorySizing.MinimumMemory), definition.Spec.Size.MaxMemoryPercent);
        var settings = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var name in definition.FormerSettings)
        {
            if (ConfigKeys.Find(name) is { Class: ConfigClass.Live, Default: { } value })
                settings[name] = value;
        }

        foreach (var (name, value) in Own(definition, sizing))
            settings[name] = value;
        foreach (var (name, value) in Given(definition).Where(s => ConfigKeys.Find(s.Key)?.Class == ConfigClass.Live))
            settings[name] = value;
        return settings.ToImmutable();
    }

    /// <summary>The settings of the spec that only a new pod can have.</summary>
    /// <param name="definition">The cluster.</param>
    /// <returns>Names and values.</returns>
    public static IEnumerable<KeyValuePair<string, string>> AtStart(ClusterDefinition definition) =>
        Given(definition).Where(s => ConfigKeys.Find(s.Key)?.Class == ConfigClass.Restart);

    /// <summary>The settings of the spec, without those the servers refused: a server that finds such a one in its file does not start.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Given(ClusterDefinition definition) =>
        (definition.Spec.Config ?? new Dictionary<string, string>()).Where(s => !definition.RefusedSettings.Contains(s.Key)).OrderBy(s => s.Key, StringComparer.Ordinal);

    private static IEnumerable<(string Name, string Value)> Own(ClusterDefinition definition, MemorySizing sizing)
    {
        yield return ("cluster-node-timeout", Text((long)definition.Topology.NodeTimeout.TotalMilliseconds));
        // A shard that is lost must not stop the others.
        yield return ("cluster-require-full-coverage", "no");
        // The operator owns the topology: replicas stay where it put them, and one that was cut off for long may still be promoted.
        yield return ("cluster-allow-replica-migration", "no");
        yield return ("cluster-replica-validity-factor", "0");
        yield return ("maxmemory-policy", definition.Spec.Size.EvictionPolicy);

        // Without persistence nothing is written, and the file a replica receives its copy in is removed, so that no restart finds an old one.
        var mode = definition.Spec.Persistence.Mode;
        yield return ("save", mode == PersistenceMode.RDB ? SavePoints : "");
        yield return ("appendonly", YesNo(mode == PersistenceMode.AOF));
        yield return ("rdb-del-sync-files", YesNo(mode == PersistenceMode.None));

        yield return ("repl-diskless-sync", "yes");
        yield return ("repl-diskless-sync-delay", "0");
        yield return ("repl-backlog-size", Text(sizing.ReplicationBacklog));
        yield return ("client-output-buffer-limit", string.Create(CultureInfo.InvariantCulture, $"replica {sizing.ReplicaOutputBuffer} {sizing.ReplicaOutputBuffer / 4} 60"));

        // The engine's own values where writes are not bounded: a cluster that was bounded once must be told.
        var bounded = definition.Spec.Failover.Durability == Durability.Bounded;
        yield return ("min-replicas-to-write", bounded ? "1" : "0");
        yield return ("min-replicas-max-lag", bounded ? "2" : "10");
        yield return ("tcp-keepalive", "60");
    }

    private static string YesNo(bool value) => value ? "yes" : "no";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
