namespace RedisTopology.Sidecar.Commands;

/// <summary>One command or subcommand of the table.</summary>
public sealed class CommandInfo
{
    /// <summary>A dense number in 0..<see cref="CommandTable.Count"/>-1, for counters.</summary>
    public required int Id { get; init; }

    /// <summary>Upper case; a subcommand is "CONFIG GET".</summary>
    public required string Name { get; init; }

    /// <summary>As Redis gives it: the number of arguments, name included; negative: at least so many. For a subcommand both names count.</summary>
    public required int Arity { get; init; }

    /// <summary>How it finds its way.</summary>
    public required Route Route { get; init; }

    /// <summary>What else matters of it.</summary>
    public required CommandTraits Traits { get; init; }

    /// <summary>How the replies of several servers become one, for <see cref="Route.Split"/> and <see cref="Route.FanOut"/>, <see cref="WhenAllowed"/> or not.</summary>
    public Merge Merge { get; init; }

    /// <summary>The position of its first key; 0: none.</summary>
    public int FirstKey { get; init; }

    /// <summary>The position of its last key; negative counts from the end.</summary>
    public int LastKey { get; init; }

    /// <summary>The distance between keys.</summary>
    public int KeyStep { get; init; }

    /// <summary>For <see cref="Route.Refused"/>: why, and what to do instead. A whole sentence without "ERR".</summary>
    public string? Refusal { get; init; }

    /// <summary>
    /// The route it takes once the options allow it by name; <see cref="Route.Refused"/> when that makes no difference. A <see cref="Route.Local"/> command that is allowed so is
    /// asked of the servers instead.
    /// </summary>
    public Route WhenAllowed { get; init; } = Route.Refused;

    /// <summary>The fixed first key position when the key stands right there for all uses (GET, SET...): the quick way. 0: ask the key finder.</summary>
    public int OnlyKey { get; init; }

    /// <summary>The first version that has it: of Redis, or "valkey-9.0.0" when Redis lacks it.</summary>
    public required string Since { get; init; }

    /// <summary>Whether it only reads.</summary>
    public bool IsReadOnly => (Traits & CommandTraits.ReadOnly) != 0;

    /// <summary>Whether it may write.</summary>
    public bool IsWrite => (Traits & CommandTraits.Write) != 0;

    /// <summary>How <see cref="KeyFinder"/> finds its keys.</summary>
    internal KeyRule Keys { get; init; }

    /// <summary>Its subcommands; null for a command that has none.</summary>
    internal NameTable? Subcommands { get; set; }

    /// <summary>Whether <paramref name="count"/> arguments, name included, fit <see cref="Arity"/>.</summary>
    /// <param name="count">The number of arguments, name included.</param>
    /// <returns>True when Redis would take so many.</returns>
    public bool Takes(int count) => Arity >= 0 ? count == Arity : count >= -Arity;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
