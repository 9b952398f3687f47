using RedisTopology.Core.Patterns;
using RedisTopology.Population;

namespace RedisTopology.Sidecar.Population;

/// <summary>How the keys of one form are populated, as it was configured.</summary>
public sealed record PopulationRule
{
    internal PopulationRule(string text, PopulationPattern pattern, OriginTemplate origin, bool writesThrough, PopulationPolicy policy) =>
        (Text, Pattern, Origin, WritesThrough, Policy) = (text, pattern, origin, writesThrough, policy);

    /// <summary>The rule as it was written, in a form of its own: two that are equal are the same rule.</summary>
    public string Text { get; }

    /// <summary>Whether a SET is written to the origin first.</summary>
    public bool WritesThrough { get; }

    /// <summary>Times and limits.</summary>
    public PopulationPolicy Policy { get; }

    /// <summary>Which keys.</summary>
    internal PopulationPattern Pattern { get; }

    /// <summary>Where their values come from.</summary>
    internal OriginTemplate Origin { get; }
}
