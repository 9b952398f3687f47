using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using RedisTopology.Cli.Hosting;

namespace RedisTopology.Cli.Doctor;

/// <summary>Whether the operator's service account may do what the operator does. What that is stands in config/rbac/role.yaml, which is generated from the operator and carried in this program.</summary>
/// <param name="session">The API server, which is asked in the name of the account (<c>create subjectaccessreviews</c>).</param>
internal sealed class OperatorRights(KubeSession session)
{
    private const string Check = "operator's rights";

    // Without a namespace of their own: a Role of a namespace does not give them.
    private static readonly string[] OfNoNamespace = ["nodes", "storageclasses"];

    /// <summary>Examines the account of one installation.</summary>
    /// <param name="subject">What the finding is about.</param>
    /// <param name="deployment">The operator's Deployment.</param>
    /// <param name="cancel">Cancels it.</param>
    public async Task<Finding> CheckAsync(string subject, V1Deployment deployment, CancellationToken cancel)
    {
        var account = $"system:serviceaccount:{deployment.Namespace()}:{deployment.Spec.Template.Spec.ServiceAccountName ?? "default"}";
        var wanted = Wanted(session.Namespace, deployment.Namespace()).ToList();
        try
        {
            var allowed = await Task.WhenAll(wanted.Select(w => IsAllowedAsync(account, deployment.Namespace(), w, cancel)));
            var missing = wanted.Where((_, i) => !allowed[i]).ToList();
            if (missing.Count == 0)
                return new Finding(subject, Check, Outcome.Ok, $"{account} may do all it needs to in {session.Namespace}");
            return missing.Count(m => m.NamespaceProperty == session.Namespace) == wanted.Count(w => w.NamespaceProperty == session.Namespace)
                ? new Finding(subject, Check, Outcome.Failed, $"{account} may do nothing in {session.Namespace}", $"Is {session.Namespace} among the chart's watchNamespaces? Without them it has rights everywhere: kubectl apply --server-side -k config/default, or helm upgrade with rbac.create=true.")
                : new Finding(subject, Check, Outcome.Failed, $"{account} may not: {string.Join("; ", missing.GroupBy(Place).Select(Describe))}", "Give it the rules of this release: kubectl apply --server-side -k config/default, or helm upgrade with rbac.create=true.");
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Forbidden)
        {
            return new Finding(subject, Check, Outcome.Unknown, ApiErrors.Reason(e), "Ask for \"create subjectaccessreviews.authorization.k8s.io\".");
        }
    }

    /// <summary>Every single right: the rules for the clusters of a namespace, and those for the election in the operator's own.</summary>
    internal static IEnumerable<V1ResourceAttributes> Wanted(string @namespace, string operatorNamespace)
    {
        using var file = typeof(OperatorRights).Assembly.GetManifestResourceStream("role.yaml")!;
        foreach (var document in KubernetesYaml.LoadAllFromStreamAsync(file).GetAwaiter().GetResult())
        {
            var (rules, where) = document switch
            {
                V1ClusterRole cluster => (cluster.Rules, @namespace),
                V1Role role => (role.Rules, operatorNamespace),
                _ => ([], ""),
            };
            foreach (var rule in rules)
            {
                foreach (var resource in rule.Resources)
                {
                    foreach (var verb in rule.Verbs)
                    {
                        yield return new V1ResourceAttributes
                        {
                            Group = rule.ApiGroups[0],
                            Resource = resource.Split('/')[0],
                            Subresource = resource.Contains('/', StringComparison.Ordinal) ? resource.Split('/')[1] : null,
                            Verb = verb,
                            Name = rule.ResourceNames?[0],
                            NamespaceProperty = OfNoNamespace.Contains(resource) ? null : where,
                        };
                    }
                }
            }
        }
    }

    private static string Place(V1ResourceAttributes right) => $"{right.Resource}{(right.Subresource is null ? "" : "/" + right.Subresource)}{(right.NamespaceProperty is { } space ? $" in {space}" : "")}";

    private static string Describe(IGrouping<string, V1ResourceAttributes> rights) => $"{string.Join(", ", rights.Select(r => r.Verb))} {rights.Key}";

    private async Task<bool> IsAllowedAsync(string account, string accountNamespace, V1ResourceAttributes right, CancellationToken cancel)
    {
        var review = await session.Client.AuthorizationV1.CreateSubjectAccessReviewAsync(
            new V1SubjectAccessReview
            {
                Spec = new V1SubjectAccessReviewSpec
                {
                    User = account,
                    Groups = ["system:authenticated", "system:serviceaccounts", $"system:serviceaccounts:{accountNamespace}"],
                    ResourceAttributes = right,
                },
            },
            cancellationToken: cancel);
        return review.Status.Allowed;
    }
}
