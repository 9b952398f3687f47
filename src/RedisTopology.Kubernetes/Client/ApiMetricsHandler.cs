namespace RedisTopology.Kubernetes;

/// <summary>Counts requests by verb, resource and code, as the API server's own metrics name them.</summary>
internal sealed class ApiMetricsHandler(OperatorMetrics metrics, TimeProvider time) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var (verb, resource) = Describe(request);
        var started = time.GetTimestamp();
        try
        {
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            metrics.ApiRequest(verb, resource, ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture), time.GetElapsedTime(started));
            return response;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            metrics.ApiRequest(verb, resource, e is HttpRequestException ? "error" : "cancelled", time.GetElapsedTime(started));
            throw;
        }
    }

    /// <summary>The verb and resource of a request, without names: few enough values for metric labels.</summary>
    internal static (string Verb, string Resource) Describe(HttpRequestMessage request)
    {
        // [api, v1] or [apis, group, version], then [namespaces, ns]?, resource, name?, subresource?
        var parts = request.RequestUri!.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var start = Array.FindIndex(parts, p => p is "api" or "apis");
        var at = start < 0 ? parts.Length : start + (parts[start] == "api" ? 2 : 3);
        if (parts.Length > at + 2 && parts[at] == "namespaces" && parts[at + 2] is not "status" and not "finalize")
            at += 2;
        if (parts.Length <= at)
            return (request.Method.Method.ToLowerInvariant(), "discovery");
        var named = parts.Length > at + 1;
        var resource = parts.Length > at + 2 ? $"{parts[at]}/{parts[at + 2]}" : parts[at];
        var verb = request.Method.Method switch
        {
            "GET" => IsWatch(request) ? "watch" : named ? "get" : "list",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => request.Content?.Headers.ContentType?.MediaType == "application/apply-patch+yaml" ? "apply" : "patch",
            "DELETE" => named ? "delete" : "deletecollection",
            var other => other.ToLowerInvariant(),
        };
        return (verb, resource);
    }

    internal static bool IsWatch(HttpRequestMessage request) => request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal);
}
