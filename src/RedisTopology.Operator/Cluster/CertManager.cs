using System.Text.Json.Nodes;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Steps;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Cluster;

/// <summary>Has cert-manager issue, and renew, the certificate of a cluster into a Secret. That Secret is then one like any other: nothing of cert-manager is needed while it does not change.</summary>
[EntityRbac(typeof(CertManagerCertificate), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Patch)]
internal sealed class CertManager(IKubernetesClient client, IApplier applier, IApiCapabilities capabilities)
{
    private const string ClusterIssuer = "ClusterIssuer";

    /// <summary>Asks for the certificate, when it was not asked for, or in another way.</summary>
    /// <param name="definition">The cluster, whose spec names an issuer.</param>
    /// <param name="mayWrite">Whether anything may be changed.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>Why it cannot be asked for, with the remedy; null when it is.</returns>
    /// <exception cref="NameTakenException">There is a Certificate of that name which belongs to somebody else.</exception>
    public async Task<string?> AskAsync(ClusterDefinition definition, bool mayWrite, CancellationToken cancellationToken)
    {
        if (!await capabilities.ServesAsync(CertManagerCertificate.GroupName, CertManagerCertificate.VersionName, CertManagerCertificate.Plural, cancellationToken))
            return "this API server does not serve cert-manager.io/v1; install cert-manager, or give a Secret by spec.tls.secretName";
        var name = new ResourceNames(definition.Name).Certificate;
        var live = await client.GetAsync<RawObject<CertManagerCertificate>>(name, definition.Namespace, cancellationToken);
        NameTakenException.ThrowIfTaken(live?.Metadata, $"Certificate/{name}", definition);
        var document = Document(definition);
        if (mayWrite && (live is null || ManifestDiff.NeedsApply(document, live.ToJsonObject())))
            await applier.ApplyAsync<CertManagerCertificate>(document, cancellationToken: cancellationToken);
        return null;
    }

    /// <summary>The Certificate.</summary>
    /// <param name="definition">The cluster.</param>
    internal static JsonObject Document(ClusterDefinition definition)
    {
        var names = new ResourceNames(definition.Name);
        var hosts = names.ServerNames(definition.Namespace).ToLookup(h => System.Net.IPAddress.TryParse(h, out _));
        var issuer = definition.Spec.Tls.CertManagerIssuer;
        var slash = issuer.IndexOf('/', StringComparison.Ordinal);
        var document = ApplyDocument.From(new CertManagerCertificate { Metadata = ClusterManifests.Meta(definition, names.Certificate) });
        document["spec"] = new JsonObject
        {
            ["secretName"] = names.IssuedSecret,
            ["issuerRef"] = new JsonObject { ["group"] = CertManagerCertificate.GroupName, ["kind"] = slash < 0 ? "Issuer" : ClusterIssuer, ["name"] = issuer[(slash + 1)..] },
            ["dnsNames"] = Array(hosts[false]),
            ["ipAddresses"] = Array(hosts[true]),
            // Servers are each other's clients.
            ["usages"] = Array(["digital signature", "key encipherment", "server auth", "client auth"]),
            ["privateKey"] = new JsonObject { ["algorithm"] = "ECDSA", ["size"] = 256, ["rotationPolicy"] = "Always" },
        };
        return document;
    }

    private static JsonArray Array(IEnumerable<string> texts) => [.. texts.Select(t => (JsonNode?)t)];
}
