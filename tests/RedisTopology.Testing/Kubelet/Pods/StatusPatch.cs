using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>A pod status as a strategic merge patch.</summary>
internal static class StatusPatch
{
    /// <summary>
    /// Lists that merge by key need care: an old address would stay beside the new one, an old reason would stay on a condition that has none
    /// any more, and a condition that ended would stay for ever. Conditions of others (scheduler, readiness gates) are left alone.
    /// </summary>
    public static JsonNode Of(V1PodStatus status)
    {
        var node = JsonNode.Parse(KubernetesJson.Serialize(status))!.AsObject();
        if (node["podIPs"] is JsonArray ips)
            ips.Insert(0, new JsonObject { ["$patch"] = "replace" });
        var conditions = node["conditions"]!.AsArray();
        foreach (var condition in conditions.OfType<JsonObject>())
        {
            condition.TryAdd("reason", null);
            condition.TryAdd("message", null);
        }

        if (status.Conditions.All(c => c.Type != "PodResizePending"))
            conditions.Add(new JsonObject { ["$patch"] = "delete", ["type"] = "PodResizePending" });
        return node;
    }
}
