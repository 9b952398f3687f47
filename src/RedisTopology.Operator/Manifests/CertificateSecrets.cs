using k8s.Models;
using RedisTopology.Operator.Certificates;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Manifests;

/// <summary>
/// The Secrets of a cluster that speaks TLS. Pods mount the one with the certificate, which is the operator's alone, wherever the certificate comes from: so the servers never find one that cannot be used. The other
/// holds the cluster's own authority, with its key, and is mounted nowhere.
/// </summary>
internal static class CertificateSecrets
{
    /// <summary>The Secret that the pods mount.</summary>
    /// <param name="definition">The cluster.</param>
    /// <param name="certificates">What servers are to show and to trust.</param>
    /// <param name="resourceVersion">The version this replaces; null for the first.</param>
    public static V1Secret OfPods(ClusterDefinition definition, ServerCertificates certificates, string? resourceVersion)
    {
        var secret = Build(definition, new ResourceNames(definition.Name).CertificateSecret, certificates.ToData(), resourceVersion);
        secret.Type = "kubernetes.io/tls";
        if (certificates.SinceText is { } since)
            secret.Metadata.Annotations = new Dictionary<string, string> { [Labels.AuthoritiesSince] = since };
        return secret;
    }

    /// <summary>The Secret with the cluster's own authority and what it issued last.</summary>
    /// <param name="definition">The cluster.</param>
    /// <param name="issued">The authority and what it issued.</param>
    /// <param name="resourceVersion">The version this replaces; null for the first.</param>
    public static V1Secret OfAuthority(ClusterDefinition definition, IssuedCertificates issued, string? resourceVersion) =>
        Build(definition, new ResourceNames(definition.Name).AuthoritySecret, issued.ToData(), resourceVersion);

    private static V1Secret Build(ClusterDefinition definition, string name, Dictionary<string, byte[]> data, string? resourceVersion)
    {
        var metadata = ClusterManifests.Meta(definition, name);
        metadata.ResourceVersion = resourceVersion;
        return new() { Metadata = metadata, Type = "Opaque", Data = data };
    }
}
