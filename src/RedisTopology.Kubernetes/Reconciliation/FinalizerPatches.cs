using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>
/// Puts finalizers on and takes them off. The list is written as a whole together with the resourceVersion it was read at, so a finalizer of somebody else
/// that came or went meanwhile makes this a conflict, never a loss.
/// </summary>
internal static class FinalizerPatches
{
    public static JsonObject? Attach(IKubernetesObject<V1ObjectMeta> entity, IReadOnlyCollection<string> identifiers)
    {
        var present = entity.Metadata.Finalizers ?? [];
        var missing = identifiers.Where(i => !present.Contains(i)).ToList();
        return missing.Count == 0 ? null : Patch(entity, present.Concat(missing));
    }

    public static JsonObject? Detach(IKubernetesObject<V1ObjectMeta> entity, IReadOnlyCollection<string> identifiers)
    {
        var present = entity.Metadata.Finalizers ?? [];
        return present.Any(identifiers.Contains) ? Patch(entity, present.Where(f => !identifiers.Contains(f))) : null;
    }

    private static JsonObject Patch(IKubernetesObject<V1ObjectMeta> entity, IEnumerable<string> finalizers) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["uid"] = entity.Metadata.Uid,
            ["resourceVersion"] = entity.Metadata.ResourceVersion,
            ["finalizers"] = new JsonArray([.. finalizers.Select(f => JsonValue.Create(f))]),
        },
    };
}
