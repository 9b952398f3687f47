using RedisTopology.Core.Keys;

namespace RedisTopology.Sidecar.Population;

/// <summary>The rules in force, in their order: the first that matches a key wins.</summary>
internal sealed class ActiveRules(ActiveRule[] rules, KeyMapping keys)
{
    public IReadOnlyList<ActiveRule> All => rules;

    /// <summary>The rule of a key.</summary>
    /// <param name="key">The key, as the application or as the servers have it.</param>
    /// <returns>The rule; null when the key is not managed.</returns>
    public ActiveRule? Find(ReadOnlySpan<byte> key)
    {
        key = keys.ToLogical(key);
        foreach (var rule in rules)
        {
            if (rule.Rule.Pattern.Matches(key))
                return rule;
        }

        return null;
    }
}
