using System.Text.Json;
using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>An object of a list or watch: read, or at least identified.</summary>
internal readonly record struct ItemRead<T>(T? Object, ObjectKey Key, string ResourceVersion, string? Error)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <param name="reader">On the object's first token, with all of the object available.</param>
    /// <exception cref="JsonException">It is no object, or lacks its name or resourceVersion.</exception>
    public static ItemRead<T> Read(ref Utf8JsonReader reader)
    {
        var again = reader;
        try
        {
            if (JsonSerializer.Deserialize<T>(ref reader, ApiJson.Options) is { Metadata: { Name.Length: > 0, ResourceVersion: { } version } } item)
                return new(item, ObjectKey.Of(item), version, null);
            throw new JsonException("No name or resourceVersion.");
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or NotSupportedException)
        {
            reader = again;
            var identity = JsonSerializer.Deserialize<Identity>(ref reader, ApiJson.Options)?.Metadata;
            if (identity is not { Name.Length: > 0, ResourceVersion: { } version })
                throw new JsonException("An object without name or resourceVersion.", e);
            return new(null, new(identity.Namespace ?? string.Empty, identity.Name), version, e.Message);
        }
    }

    private sealed record Identity(IdentityMetadata? Metadata);

    private sealed record IdentityMetadata(string? Name, string? Namespace, string? ResourceVersion);
}
