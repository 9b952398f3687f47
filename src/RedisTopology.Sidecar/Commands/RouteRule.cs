namespace RedisTopology.Sidecar.Commands;

/// <summary>Which way some commands go: a row of <see cref="RouteRules"/>.</summary>
/// <param name="Route">How they find their way.</param>
/// <param name="Names">The commands, '|' before a subcommand, separated by blanks.</param>
internal sealed record RouteRule(Route Route, string Names)
{
    /// <summary>How replies become one.</summary>
    public Merge Merge { get; init; }

    /// <summary>How keys are found, when first, last and step do not tell.</summary>
    public KeyRule Keys { get; init; }

    /// <summary>What matters beyond what the servers say.</summary>
    public CommandTraits Traits { get; init; }

    /// <summary>What does not hold, though the servers say so.</summary>
    public CommandTraits Without { get; init; }

    /// <summary>Why they are refused.</summary>
    public string? Refusal { get; init; }

    /// <summary>Their route once allowed by name.</summary>
    public Route WhenAllowed { get; init; } = Route.Refused;
}
