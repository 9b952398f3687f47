using k8s.Models;

namespace RedisTopology.Testing.Kubelet.Nodes;

/// <summary>Label selectors.</summary>
internal static class LabelMatch
{
    /// <summary>Whether labels match; a null selector matches nothing, an empty one everything.</summary>
    public static bool Matches(V1LabelSelector? selector, IDictionary<string, string>? labels) => selector is not null
        && (selector.MatchLabels ?? new Dictionary<string, string>()).All(pair => labels is not null && labels.TryGetValue(pair.Key, out var value) && value == pair.Value)
        && (selector.MatchExpressions ?? []).All(e => Matches(e.Key, e.OperatorProperty, e.Values, labels));

    /// <summary>One expression.</summary>
    public static bool Matches(string key, string operation, IList<string>? values, IDictionary<string, string>? labels)
    {
        string? value = null;
        var present = labels is not null && labels.TryGetValue(key, out value);
        return operation switch
        {
            "Exists" => present,
            "DoesNotExist" => !present,
            "In" => present && values!.Contains(value!),
            "NotIn" => !present || !values!.Contains(value!),
            _ => false,
        };
    }
}
