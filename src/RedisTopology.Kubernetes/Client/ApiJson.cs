using System.Text.Json;
using k8s;

namespace RedisTopology.Kubernetes;

/// <summary>
/// JSON as the client library reads and writes it (camelCase, enums as strings, no nulls, RFC 3339 times), so that entities, slim views, generated schemas
/// and requests agree on every field name.
/// </summary>
public static class ApiJson
{
    /// <summary>The client library's own options; not to be changed.</summary>
    public static JsonSerializerOptions Options { get; } = Capture();

    private static JsonSerializerOptions Capture()
    {
        JsonSerializerOptions? options = null;
        KubernetesJson.AddJsonOptions(o => options = o);
        return options!;
    }
}
