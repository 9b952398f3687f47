using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using RedisTopology.Core.Hashing;

namespace RedisTopology.Core.Keys;

/// <summary>
/// From the key an application writes (logical) to the key in the servers (physical) and back. With <see cref="HashSlotMode"/> the two are the same. With
/// KeyRange a key that matches a pattern has a hash tag before it, <c>{tag}key</c>, which puts it into the slot of its id's tablet; keys that match none
/// are the same in both, and live where a Redis Cluster puts them.
/// </summary>
/// <remarks>
/// The sidecar's hot path uses <see cref="TryPrefix"/> and <see cref="PrefixLength"/>, which neither copy nor allocate; everybody else the rest. Instances are immutable.
/// A physical key given where a logical one is expected means itself: <c>ToPhysical(ToPhysical(key)) == ToPhysical(key)</c>, for no pattern can match one.
/// </remarks>
public sealed class KeyMapping
{
    /// <summary>The most patterns of a mapping: each key is compared with every one until it matches.</summary>
    public const int MaxPatterns = 32;

    /// <summary>The mapping of a HashSlot cluster: every key is itself.</summary>
    public static readonly KeyMapping HashSlotMode = new([], null);

    private readonly KeyPattern[] _patterns;

    private KeyMapping(KeyPattern[] patterns, Tablets? tablets) => (_patterns, Tablets) = (patterns, tablets);

    /// <summary>The tablets ids are laid on; null for HashSlot.</summary>
    public Tablets? Tablets { get; }

    /// <summary>Whether there are keys that are not the same in the servers.</summary>
    [MemberNotNullWhen(true, nameof(Tablets))]
    public bool IsKeyRange => Tablets is not null;

    /// <summary>The patterns, in the order in which they are tried; none for HashSlot.</summary>
    public ImmutableArray<KeyPattern> Patterns => [.. _patterns];

    /// <summary>Makes the mapping of a KeyRange cluster.</summary>
    /// <param name="patterns">The patterns, 1 to <see cref="MaxPatterns"/>; the first that matches a key decides.</param>
    /// <param name="first">The id the first tablet begins with, 0..<see cref="KeyPattern.MaxId"/>.</param>
    /// <param name="granularity">The number of ids of a tablet, 1..<see cref="Tablets.MaxGranularity"/>.</param>
    /// <param name="mapping">The mapping, when all of it is valid.</param>
    /// <param name="errors">What is wrong: each begins with <c>patterns</c>, <c>first</c> or <c>granularity</c> and ends with the remedy.</param>
    /// <returns>Whether it is valid.</returns>
    public static bool TryCreate(
        IReadOnlyCollection<string?> patterns, long first, long granularity, [NotNullWhen(true)] out KeyMapping? mapping, out ImmutableArray<string> errors)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        var wrong = ImmutableArray.CreateBuilder<string>();
        var compiled = new List<KeyPattern>();
        if (patterns.Count is 0 or > MaxPatterns)
            wrong.Add($"patterns: {patterns.Count} patterns are outside 1 to {MaxPatterns}");
        foreach (var text in patterns)
        {
            if (!KeyPattern.TryParse(text, out var pattern, out var error))
                wrong.Add($"patterns: {error}");
            else if (compiled.Any(p => p.Text == pattern.Text))
                wrong.Add($"patterns: \"{text}\" is there twice; remove one");
            else
                compiled.Add(pattern);
        }

        if (!Tablets.TryCreate(first, granularity, out var tablets, out var outside))
            wrong.Add(outside);
        errors = wrong.ToImmutable();
        mapping = errors.IsEmpty ? new KeyMapping([.. compiled], tablets) : null;
        return mapping is not null;
    }

    /// <summary>The first pattern a key matches, and its id. Allocates nothing.</summary>
    /// <param name="logical">The key as the application writes it.</param>
    /// <param name="pattern">The pattern.</param>
    /// <param name="id">The id.</param>
    /// <returns>False when it matches none, as every key does with HashSlot.</returns>
    public bool TryMatch(ReadOnlySpan<byte> logical, [NotNullWhen(true)] out KeyPattern? pattern, out long id)
    {
        foreach (var candidate in _patterns)
        {
            if (!candidate.TryMatch(logical, out id))
                continue;
            pattern = candidate;
            return true;
        }

        pattern = null;
        id = 0;
        return false;
    }

    /// <summary>What is to be put before a key, and its slot then. Allocates nothing.</summary>
    /// <param name="logical">The key as the application writes it.</param>
    /// <param name="prefix">Three to five bytes, valid for ever; empty when the key stays as it is.</param>
    /// <param name="slot">The slot of its tablet; -1 when the key stays as it is, and its own hash decides.</param>
    /// <returns>Whether there is a prefix.</returns>
    public bool TryPrefix(ReadOnlySpan<byte> logical, out ReadOnlySpan<byte> prefix, out int slot)
    {
        if (!TryMatch(logical, out _, out var id))
        {
            prefix = default;
            slot = -1;
            return false;
        }

        slot = Tablets!.Of(id);
        prefix = SlotTags.PrefixOf(slot);
        return true;
    }

    /// <summary>How many bytes are to be cut from the start of a key in a server's reply. Allocates nothing.</summary>
    /// <param name="physical">The key as the server has it.</param>
    /// <returns>Three to five when it is a key that this mapping has put a prefix before, else 0: a tag that is not that of the key's id is a part of the key.</returns>
    public int PrefixLength(ReadOnlySpan<byte> physical)
    {
        var length = SlotTags.PrefixLength(physical);
        return length > 0 && TryPrefix(physical[length..], out var prefix, out _) && physical.StartsWith(prefix) ? length : 0;
    }

    /// <summary>The slot of a key.</summary>
    /// <param name="logical">The key as the application writes it.</param>
    /// <returns>A slot, 0..16383.</returns>
    public int SlotOf(ReadOnlySpan<byte> logical) => TryPrefix(logical, out _, out var slot) ? slot : HashSlot.Of(logical);

    /// <inheritdoc cref="SlotOf(ReadOnlySpan{byte})"/>
    public int SlotOf(string logical) => SlotOf(Encoding.UTF8.GetBytes(logical));

    /// <summary>The key in the servers.</summary>
    /// <param name="logical">The key as the application writes it.</param>
    /// <returns>A new array.</returns>
    public byte[] ToPhysical(ReadOnlySpan<byte> logical)
    {
        TryPrefix(logical, out var prefix, out _);
        return [.. prefix, .. logical];
    }

    /// <inheritdoc cref="ToPhysical(ReadOnlySpan{byte})"/>
    /// <returns>The key, encoded as UTF-8 in the servers; the same text when it stays as it is.</returns>
    public string ToPhysical(string logical)
    {
        ArgumentNullException.ThrowIfNull(logical);
        return IsKeyRange && TryPrefix(Encoding.UTF8.GetBytes(logical), out var prefix, out _) ? Encoding.ASCII.GetString(prefix) + logical : logical;
    }

    /// <summary>The key as the application knows it.</summary>
    /// <param name="physical">The key as the server has it.</param>
    /// <returns>A slice of <paramref name="physical"/>.</returns>
    public ReadOnlySpan<byte> ToLogical(ReadOnlySpan<byte> physical) => physical[PrefixLength(physical)..];

    /// <inheritdoc cref="ToLogical(ReadOnlySpan{byte})"/>
    /// <returns>The key; the same text when it stays as it is.</returns>
    public string ToLogical(string physical)
    {
        ArgumentNullException.ThrowIfNull(physical);
        return IsKeyRange ? physical[PrefixLength(Encoding.UTF8.GetBytes(physical))..] : physical;
    }
}
