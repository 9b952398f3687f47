using System.Collections.Immutable;
using RedisTopology.Core.Patterns;
using RedisTopology.Operator.Entities;

namespace RedisTopology.Operator.Validation;

/// <summary>Whether sidecars could take the rules of population: they would refuse the whole file over one that is wrong.</summary>
internal static partial class PopulationRules
{
    /// <summary>Checks <c>spec.sidecar.population</c>.</summary>
    public static void Check(IList<PopulationRuleSpec>? rules, ImmutableArray<string>.Builder errors)
    {
        if (rules is null)
            return;
        if (rules.Count > Rules.MaxPopulationRules)
            errors.Add($"spec.sidecar.population: {rules.Count} rules are more than {Rules.MaxPopulationRules}");
        for (var i = 0; i < rules.Count; i++)
        {
            var place = $"spec.sidecar.population[{i}]";
            if (rules[i] is not { } rule)
                errors.Add($"{place}: is null; remove it");
            else if (rule.Match.Length > Rules.MaxPopulationText || rule.Match.Any(char.IsControl))
                errors.Add($"{place}.match: has control characters, or is longer than {Rules.MaxPopulationText} characters");
            else if (!PopulationPattern.TryParse(rule.Match, out var pattern, out var error))
                errors.Add($"{place}.match: {error}");
            else if (rule.Lazy is null == rule.WriteThrough is null)
                errors.Add($"{place}: give exactly one of lazy and writeThrough");
            else
                Check(rule.Lazy ?? rule.WriteThrough!, pattern, rule.Lazy is null, place + (rule.Lazy is null ? ".writeThrough" : ".lazy"), errors);
        }
    }

    private static void Check(PopulationPolicySpec policy, PopulationPattern pattern, bool writesThrough, string place, ImmutableArray<string>.Builder errors)
    {
        if (policy.Origin.Length is 0 or > Rules.MaxPopulationText || policy.Origin.Any(c => char.IsControl(c) || c == ' '))
            errors.Add($"{place}.origin: must be a URL of 1 to {Rules.MaxPopulationText} characters without blanks; write for example http://blog-api/blogs/{{id}}");
        else if (!OriginTemplate.TryParse(policy.Origin, pattern, out _, out var error))
            errors.Add($"{place}.origin: {error}");
        Duration("ttl", policy.Ttl, mayBeZero: false, TimeSpan.FromDays(365));
        Duration("stale", policy.Stale, mayBeZero: true, TimeSpan.FromDays(365));
        Duration("negativeTtl", policy.NegativeTtl, mayBeZero: true, TimeSpan.FromDays(365));
        Duration("timeout", policy.Timeout, mayBeZero: false, TimeSpan.FromMinutes(10));
        if (policy.Jitter is { } jitter)
            SpecValidator.InRange($"{place}.jitter", jitter, 0, 50, errors);
        if (policy.MaxConcurrency is { } concurrency)
            SpecValidator.InRange($"{place}.maxConcurrency", concurrency, 1, 100_000, errors);
        if (policy.WaitReplicas is { } replicas && SpecValidator.InRange($"{place}.waitReplicas", replicas, 0, Rules.MaxReplicas, errors) && replicas > 0 && !writesThrough)
            errors.Add($"{place}.waitReplicas: belongs to writeThrough; remove it");

        void Duration(string field, string? text, bool mayBeZero, TimeSpan longest)
        {
            if (text is null)
                return;
            if (Durations.Read(text) is not { } duration)
                errors.Add($"{place}.{field}: \"{text}\" is not a duration; write a number and its unit, for example 500ms, 5s or 10m");
            else if (duration.TotalMilliseconds < (mayBeZero ? 0 : 1) || duration > longest)
                errors.Add($"{place}.{field}: {text} is outside {(mayBeZero ? "0s" : "1ms")} to {longest.TotalMinutes:0}m");
        }
    }
}
