using System.Text.Json.Nodes;

namespace RedisTopology.Operator.Webhooks;

/// <summary>What is to be done with a pod: it is always admitted.</summary>
/// <param name="Patch">The JSON patch; empty when nothing is changed.</param>
/// <param name="Warnings">What whoever creates the pod is told.</param>
internal sealed record Injection(JsonArray Patch, IReadOnlyList<string> Warnings)
{
    /// <summary>Nothing to do.</summary>
    public static Injection None => new([], []);
}
