using System.Text;
using System.Text.Json.Nodes;
using k8s;
using Microsoft.Extensions.Logging;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;

namespace RedisTopology.Operator.Webhooks;

/// <summary>
/// Answers an AdmissionReview. Whatever happens the pod is admitted: a cache is no reason for an app not to start. What keeps it from its sidecar is said
/// in a warning and in an annotation.
/// </summary>
internal sealed partial class InjectionReview(
    IResourceCache<CacheCluster> clusters, IKubernetesClient client, InjectionSettings settings, TimeProvider time, ILogger<InjectionReview> logger)
{
    /// <summary>Sidecar containers are on by default since.</summary>
    private static readonly Version NativeSince = new(1, 29);

    /// <summary>How long the API server may take to say whether a cluster exists that was not seen yet; less than the webhook's own timeout.</summary>
    private static readonly TimeSpan LookupTimeout = TimeSpan.FromSeconds(2);

    private volatile Version? _version;

    /// <summary>Answers a review.</summary>
    /// <param name="review">The request.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The answer; null when it is no AdmissionReview.</returns>
    public async Task<JsonObject?> AnswerAsync(JsonNode? review, CancellationToken cancellationToken)
    {
        if (review?["request"] is not JsonObject request || request["uid"]?.ToString() is not { } uid)
            return null;
        var injection = await DecideAsync(request, cancellationToken);
        var response = new JsonObject { ["uid"] = uid, ["allowed"] = true };
        if (injection.Patch.Count > 0)
        {
            response["patchType"] = "JSONPatch";
            response["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(injection.Patch.ToJsonString()));
        }

        if (injection.Warnings.Count > 0)
            response["warnings"] = new JsonArray([.. injection.Warnings.Select(w => (JsonNode?)w)]);
        return new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response };
    }

    private async Task<Injection> DecideAsync(JsonObject request, CancellationToken cancel)
    {
        if (request["object"] is not JsonObject pod || pod["metadata"]?["labels"]?[InjectionNames.Inject]?.ToString() is not { Length: > 0 } name)
            return Injection.None;
        // The pod's own field is empty at this point when the namespace is the request's.
        var space = request["namespace"]?.ToString() ?? "default";
        var (cluster, trouble) = await FindAsync(space, name, cancel);
        if (cluster is null)
        {
            LogRefused(logger, space, name, trouble!);
            return SidecarInjector.Refuse(pod, trouble!);
        }

        return SidecarInjector.Inject(pod, name, new ResourceNames(name).ClientsSecret(cluster.Spec.Auth), settings.Image, cluster.Spec.Tls.Enabled, await IsNativeAsync(cancel));
    }

    /// <summary>A cluster that was created a moment ago, by the same release as the pod, may not be in the cache yet: before it is called unknown the API server is asked.</summary>
    private async Task<(CacheCluster? Cluster, string? Trouble)> FindAsync(string space, string name, CancellationToken cancel)
    {
        if (clusters.Get(space, name) is { } known)
            return (known, null);
        using var deadline = new CancellationTokenSource(LookupTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, deadline.Token);
        try
        {
            var found = await client.GetAsync<CacheCluster>(name, space, either.Token);
            return (found, found is null ? $"there is no CacheCluster {name} in namespace {space}; create it, then the pod anew" : null);
        }
        catch (Exception e) when (ApiFailures.IsOne(e, cancel))
        {
            return (null, $"CacheCluster {name} could not be looked at ({e.Message})");
        }
    }

    private async Task<bool> IsNativeAsync(CancellationToken cancel)
    {
        if (_version is null)
        {
            try
            {
                var code = await client.ApiClient.Version.GetCodeAsync(cancel);
                _version = new Version(int.Parse(code.Major, System.Globalization.CultureInfo.InvariantCulture), int.Parse(code.Minor.TrimEnd('+'), System.Globalization.CultureInfo.InvariantCulture));
            }
            catch (Exception e) when (e is k8s.Autorest.HttpOperationException or HttpRequestException or FormatException)
            {
                // An ordinary container runs everywhere.
                return false;
            }
        }

        return _version >= NativeSince;
    }

    [LoggerMessage(LogLevel.Warning, "A pod in {Namespace} wants the sidecar of {Cluster} and goes without: {Reason}")]
    private static partial void LogRefused(ILogger logger, string @namespace, string cluster, string reason);
}
