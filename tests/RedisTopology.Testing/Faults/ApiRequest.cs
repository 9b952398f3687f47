using Microsoft.AspNetCore.Http;

namespace RedisTopology.Testing;

/// <summary>What a request asks of the Kubernetes API, in RBAC's terms.</summary>
/// <param name="Verb">GET, LIST, WATCH, CREATE, UPDATE, PATCH, DELETE or DELETECOLLECTION; the HTTP method for a path outside the resources.</param>
/// <param name="Path">The path without the query.</param>
/// <param name="Resource">Plural name, with the subresource if any: <c>pods</c>, <c>cacheclusters/status</c>. Outside the resources, the path.</param>
/// <param name="Namespace">Null for cluster-scoped resources and lists over all namespaces.</param>
/// <param name="Name">The object's name; null for collections.</param>
/// <param name="UserAgent">The client's own name.</param>
public sealed record ApiRequest(string Verb, string Path, string Resource, string? Namespace, string? Name, string UserAgent)
{
    /// <summary>Whether the answer is a stream of events.</summary>
    public bool IsWatch => Verb == "WATCH";

    /// <summary>Whether it may change something.</summary>
    public bool IsWrite => Verb is not ("GET" or "LIST" or "WATCH" or "HEAD" or "OPTIONS");

    internal static ApiRequest From(HttpRequest request)
    {
        var path = request.Path.Value ?? "/";
        var agent = request.Headers.UserAgent.ToString();
        ReadOnlySpan<string> segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        // /api/v1/... and /apis/group/version/...
        var skip = segments is ["api", _, ..] ? 2 : segments is ["apis", _, _, ..] ? 3 : segments.Length;
        segments = segments[skip..];
        if (segments.IsEmpty)
            return new ApiRequest(request.Method, path, path, null, null, agent);

        string? ns = null;
        // /namespaces/x and its /status, /finalize are the namespace itself; anything longer is something in it.
        if (segments is ["namespaces", _, not ("status" or "finalize"), ..])
        {
            ns = segments[1];
            segments = segments[2..];
        }

        var name = segments.Length > 1 ? segments[1] : null;
        var resource = segments.Length > 2 ? $"{segments[0]}/{string.Join('/', segments[2..])}" : segments[0];
        return new ApiRequest(VerbOf(request, name), path, resource, ns, name, agent);
    }

    private static string VerbOf(HttpRequest request, string? name) => request.Method switch
    {
        "GET" when request.Query["watch"].ToString() is "true" or "True" or "1" => "WATCH",
        "GET" when name is null => "LIST",
        "POST" => "CREATE",
        "PUT" => "UPDATE",
        "DELETE" when name is null => "DELETECOLLECTION",
        var method => method,
    };
}
