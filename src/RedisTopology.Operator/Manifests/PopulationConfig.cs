using System.Globalization;
using System.Text;
using RedisTopology.Operator.Entities;

namespace RedisTopology.Operator.Manifests;

/// <summary>The rules of population as sidecars read them.</summary>
internal static class PopulationConfig
{
    /// <summary>Writes the option.</summary>
    /// <param name="rules">The rules, checked.</param>
    /// <returns>YAML; empty when there are none.</returns>
    public static string Render(IList<PopulationRuleSpec>? rules)
    {
        if (rules is not { Count: > 0 })
            return "";
        var yaml = new StringBuilder("population:\n");
        foreach (var rule in rules)
        {
            var policy = rule.Lazy ?? rule.WriteThrough!;
            List<string> fields = [$"origin: {Quote(policy.Origin)}", $"ttl: {policy.Ttl}"];
            Add("jitter", policy.Jitter?.ToString(CultureInfo.InvariantCulture));
            Add("stale", policy.Stale);
            Add("negativeTtl", policy.NegativeTtl);
            Add("timeout", policy.Timeout);
            Add("maxConcurrency", policy.MaxConcurrency?.ToString(CultureInfo.InvariantCulture));
            if (rule.WriteThrough is not null)
                Add("waitReplicas", policy.WaitReplicas?.ToString(CultureInfo.InvariantCulture));
            yaml.Append(CultureInfo.InvariantCulture, $"- match: {Quote(rule.Match)}\n  {(rule.Lazy is null ? "writeThrough" : "lazy")}: {{{string.Join(", ", fields)}}}\n");

            void Add(string name, string? value)
            {
                if (value is not null)
                    fields.Add($"{name}: {value}");
            }
        }

        return yaml.ToString();
    }

    private static string Quote(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
