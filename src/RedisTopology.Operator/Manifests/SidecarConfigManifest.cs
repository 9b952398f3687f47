using System.Globalization;
using System.Text;
using k8s.Models;
using RedisTopology.Operator.Certificates;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Manifests;

/// <summary>The ConfigMap that sidecars of this cluster mount: they take up its changes while they run.</summary>
internal static class SidecarConfigManifest
{
    /// <summary>The key, and the name of the file it is mounted as.</summary>
    public const string FileKey = "sidecar.yaml";

    /// <summary>Where a sidecar is to mount the cluster's Secret.</summary>
    public const string PasswordFile = "/auth/" + AuthSecret.PasswordKey;

    /// <summary>Where a sidecar finds the authorities, when it mounts this ConfigMap at <c>/config</c>.</summary>
    public const string AuthoritiesFile = "/config/" + ServerCertificates.AuthoritiesKey;

    // Beyond the node timeout: elections by the operator's order took up to 2.2 s, the engine's own (while no operator runs) up to 4.7 s (docs/decisions/20261126-forced-election.md).
    private static readonly TimeSpan ElectionTakes = TimeSpan.FromSeconds(5);

    public static V1ConfigMap Build(ClusterDefinition definition, ResourceNames names) => new()
    {
        Metadata = ClusterManifests.Meta(definition, names.SidecarConfigMap),
        Data = Files(definition, names),
    };

    private static SortedDictionary<string, string> Files(ClusterDefinition definition, ResourceNames names)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal) { [FileKey] = Render(definition, names) };
        if (definition.Authorities.Length > 0)
            files[ServerCertificates.AuthoritiesKey] = definition.Authorities;
        return files;
    }

    private static string FailoverBuffer(ClusterDefinition definition)
    {
        var derived = definition.Topology.NodeTimeout + ElectionTakes;
        var (number, unit) = derived.Milliseconds == 0 ? (derived.TotalSeconds, "s") : (derived.TotalMilliseconds, "ms");
        return definition.Spec.Sidecar.FailoverBuffer ?? string.Create(CultureInfo.InvariantCulture, $"{number}{unit}");
    }

    private static string Tls(ClusterDefinition definition, ResourceNames names) => definition.Spec.Tls.Enabled
        ? $"tls:\n  caFile: {AuthoritiesFile}\n  serverName: {names.ServerName(definition.Namespace)}\n"
        : "";

    // A pattern holds braces and colons, which mean something in YAML: it is quoted.
    private static string KeyRange(KeyRangeSpec? keys) => keys is null ? "" : new StringBuilder()
        .Append(CultureInfo.InvariantCulture, $"keyPatterns: [{string.Join(", ", keys.Patterns.Select(p => $"\"{p.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""))}]\n")
        .Append(CultureInfo.InvariantCulture, $"firstId: {keys.First}\n")
        .Append(CultureInfo.InvariantCulture, $"idsPerTablet: {keys.Granularity}\n")
        .ToString();

    // The headless Service stands for the addresses of all pods, those that are not ready too: any one that answers is enough.
    private static string Render(ClusterDefinition definition, ResourceNames names)
    {
        var sidecar = definition.Spec.Sidecar;
        return new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"seeds: [{names.NodesService}.{definition.Namespace}.svc:{StatefulSetManifest.RedisPort}]\n")
            .Append(CultureInfo.InvariantCulture, $"passwordFile: {PasswordFile}\n")
            .Append(CultureInfo.InvariantCulture, $"readFrom: {sidecar.ReadFrom}\n")
            .Append(CultureInfo.InvariantCulture, $"consistency: {sidecar.Consistency}\n")
            .Append(CultureInfo.InvariantCulture, $"failoverBuffer: {FailoverBuffer(definition)}\n")
            // A sidecar refuses options it does not know: an older one gets this only when it is asked for.
            .Append(sidecar.Transactions == SidecarTransactions.OneSlot ? "" : $"transactions: {sidecar.Transactions}\n")
            .Append(PopulationConfig.Render(sidecar.Population))
            .Append(KeyRange(definition.Spec.Sharding.KeyRange))
            .Append(Tls(definition, names))
            .ToString();
    }
}
