using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using RedisTopology.Cli.Clusters;
using RedisTopology.Cli.Hosting;

namespace RedisTopology.Cli.Doctor;

/// <summary>The checks of what all clusters share: the API server, the definition of the kind, the operator, and what the user may do.</summary>
internal sealed class InstallationChecks(KubeSession session, TimeProvider time)
{
    private const string Subject = "installation";
    private const string OperatorSelector = "app.kubernetes.io/name=redis-topology-operator";

    /// <summary>A lease that was not renewed for this long has no holder.</summary>
    private static readonly TimeSpan LeaseAge = TimeSpan.FromSeconds(30);

    /// <summary>What the commands need of their user: verb, group, resource, subresource, and what for.</summary>
    private static readonly (string Verb, string Group, string Resource, string? Subresource, string For)[] Needs =
    [
        ("list", CacheClusterResource.Group, CacheClusterResource.Plural, null, "every command"),
        ("list", "", "pods", null, "every command"),
        ("create", "", "pods", "exec", "asking the servers"),
        ("patch", CacheClusterResource.Group, CacheClusterResource.Plural, null, "failover"),
    ];

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancel)
    {
        var findings = new List<Finding>();
        await AddServerAsync(findings, cancel);
        await AddDefinitionAsync(findings, cancel);
        await AddOperatorAsync(findings, cancel);
        await AddPermissionsAsync(findings, cancel);
        return findings;
    }

    private async Task AddServerAsync(List<Finding> findings, CancellationToken cancel)
    {
        var version = await session.Client.Version.GetCodeAsync(cancel);
        var minor = int.TryParse(new string([.. version.Minor.TakeWhile(char.IsAsciiDigit)]), out var number) ? number : 0;
        findings.Add(new Finding(Subject, "API server", Outcome.Ok, $"{session.Server} answers, Kubernetes {version.GitVersion}"));
        foreach (var (since, what, instead) in new[]
        {
            (25, "rules in the definition (CEL)", "a wrong spec is refused by the operator alone, in the condition SpecValid"),
            (29, "sidecars as init containers", "a sidecar is an ordinary container: it may start after the app, and keeps a Job from ending"),
            (33, "pods/resize", "a new size replaces the pods, one after another"),
        })
        {
            if (minor < since)
                findings.Add(new Finding(Subject, "capability", Outcome.Note, $"no {what} before Kubernetes 1.{since}: {instead}"));
        }
    }

    private async Task AddDefinitionAsync(List<Finding> findings, CancellationToken cancel)
    {
        const string name = CacheClusterResource.Plural + "." + CacheClusterResource.Group;
        try
        {
            var definition = await session.Client.ApiextensionsV1.ReadCustomResourceDefinitionAsync(name, cancellationToken: cancel);
            var served = definition.Spec.Versions.Where(v => v.Served).Select(v => v.Name).ToList();
            var established = definition.Status?.Conditions?.Any(c => c is { Type: "Established", Status: "True" }) == true;
            findings.Add(!established
                ? new Finding(Subject, "definition", Outcome.Failed, $"{name} is not established", "\"kubectl describe crd\" says what keeps it.")
                : served.Contains(CacheClusterResource.Version)
                    ? new Finding(Subject, "definition", Outcome.Ok, $"{name} serves {string.Join(", ", served)}")
                    : new Finding(Subject, "definition", Outcome.Failed, $"{name} serves {string.Join(", ", served)}, this program speaks {CacheClusterResource.Version}", "Use the program and the definition of one release."));
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            findings.Add(new Finding(Subject, "definition", Outcome.Failed, $"{name} is not installed", "Install the operator: kubectl apply --server-side -k config/default, or its chart."));
        }
        catch (HttpOperationException e)
        {
            findings.Add(new Finding(Subject, "definition", Outcome.Unknown, ApiErrors.Reason(e)));
        }
    }

    private async Task AddOperatorAsync(List<Finding> findings, CancellationToken cancel)
    {
        var installed = false;
        try
        {
            var deployments = await session.Client.AppsV1.ListDeploymentForAllNamespacesAsync(labelSelector: OperatorSelector, cancellationToken: cancel);
            foreach (var deployment in deployments.Items)
            {
                var (ready, wanted) = (deployment.Status?.ReadyReplicas ?? 0, deployment.Spec.Replicas ?? 1);
                var where = $"{deployment.Namespace()}/{deployment.Name()}";
                findings.Add(ready > 0
                    ? new Finding(Subject, "operator", ready < wanted ? Outcome.Warning : Outcome.Ok, $"{where}: {ready} of {wanted} ready, image {deployment.Spec.Template.Spec.Containers[0].Image}")
                    : new Finding(Subject, "operator", Outcome.Failed, $"{where}: none of {wanted} is ready", $"kubectl -n {deployment.Namespace()} get pods; kubectl -n {deployment.Namespace()} logs deploy/{deployment.Name()}"));
                findings.Add(await new OperatorRights(session).CheckAsync(Subject, deployment, cancel));
            }

            installed = deployments.Items.Count > 0;
            if (!installed)
                findings.Add(new Finding(Subject, "operator", Outcome.Warning, $"no Deployment has the label {OperatorSelector}", "Install the operator, unless it runs outside of this cluster: the lease below tells."));
        }
        catch (HttpOperationException e)
        {
            findings.Add(new Finding(Subject, "operator", Outcome.Unknown, ApiErrors.Reason(e), "Ask for \"list deployments\" in all namespaces."));
        }

        await AddLeaseAsync(findings, installed, cancel);
    }

    /// <param name="findings">Where it is added.</param>
    /// <param name="installed">An operator is here; without one, an old lease is merely what one left behind.</param>
    /// <param name="cancel">Cancels it.</param>
    private async Task AddLeaseAsync(List<Finding> findings, bool installed, CancellationToken cancel)
    {
        try
        {
            var leases = await session.Client.CoordinationV1.ListLeaseForAllNamespacesAsync(cancellationToken: cancel);
            var own = leases.Items.Where(l => l.Name().StartsWith("redis-topology-operator", StringComparison.Ordinal)).OrderByDescending(l => l.Spec?.RenewTime).FirstOrDefault();
            var age = own?.Spec?.RenewTime is { } renewed ? time.GetUtcNow() - renewed : (TimeSpan?)null;
            findings.Add(age switch
            {
                null => new Finding(Subject, "leader", Outcome.Unknown, "there is no lease: no operator ever led here, or it runs without election"),
                { } since when since > LeaseAge => new Finding(Subject, "leader", installed ? Outcome.Failed : Outcome.Warning, $"{own!.Spec.HolderIdentity} last renewed its lease {Human.Age(since)} ago: no operator leads", "Start the operator. The data path does not need it; changes and, with one or two shards, failovers do."),
                { } since => new Finding(Subject, "leader", Outcome.Ok, $"{own!.Spec.HolderIdentity} leads, renewed {Human.Age(since)} ago"),
            });
        }
        catch (HttpOperationException e)
        {
            findings.Add(new Finding(Subject, "leader", Outcome.Unknown, ApiErrors.Reason(e), "Ask for \"list leases\" in all namespaces."));
        }
    }

    private async Task AddPermissionsAsync(List<Finding> findings, CancellationToken cancel)
    {
        var missing = new List<string>();
        foreach (var (verb, group, resource, subresource, purpose) in Needs)
        {
            var review = await session.Client.AuthorizationV1.CreateSelfSubjectAccessReviewAsync(
                new V1SelfSubjectAccessReview
                {
                    Spec = new V1SelfSubjectAccessReviewSpec
                    {
                        ResourceAttributes = new V1ResourceAttributes { Verb = verb, Group = group, Resource = resource, Subresource = subresource, NamespaceProperty = session.Namespace },
                    },
                },
                cancellationToken: cancel);
            if (!review.Status.Allowed)
                missing.Add($"{verb} {resource}{(subresource is null ? "" : "/" + subresource)} ({purpose})");
        }

        findings.Add(missing.Count == 0
            ? new Finding(Subject, "permissions", Outcome.Ok, $"you may do all that is needed in {session.Namespace}")
            : new Finding(Subject, "permissions", Outcome.Warning, $"in {session.Namespace} you may not: {string.Join(", ", missing)}", "Ask whoever administers the cluster for a Role with these."));
    }
}
