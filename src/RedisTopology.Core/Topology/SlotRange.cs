using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using RedisTopology.Core.Hashing;

namespace RedisTopology.Core.Topology;

/// <summary>An inclusive, non-empty range of hash slots within 0..16383.</summary>
public readonly record struct SlotRange
{
    /// <summary>Creates a range.</summary>
    /// <param name="first">The first slot.</param>
    /// <param name="last">The last slot, included.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ends are out of order or outside 0..16383.</exception>
    public SlotRange(int first, int last)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, last);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(last, HashSlot.Count);
        First = first;
        Last = last;
    }

    /// <summary>The first slot.</summary>
    public int First { get; }

    /// <summary>The last slot, included.</summary>
    public int Last { get; }

    /// <summary>The number of slots, at least 1.</summary>
    public int Count => Last - First + 1;

    /// <summary>Reads <c>"first-last"</c> or a single slot.</summary>
    /// <param name="text">The text; decimal digits only.</param>
    /// <param name="range">The range, when the text is one.</param>
    /// <param name="error">What is wrong and what would be right, when it is not.</param>
    /// <returns>Whether the text is a valid range.</returns>
    public static bool TryParse(string? text, out SlotRange range, [NotNullWhen(false)] out string? error)
    {
        range = default;
        error = null;
        var dash = text?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        var firstText = dash < 0 ? text : text![..dash];
        var lastText = dash < 0 ? text : text![(dash + 1)..];
        if (!TryParseSlot(firstText, out var first) || !TryParseSlot(lastText, out var last))
            error = $"\"{text}\" is not a slot range: write \"first-last\" with decimal slots, for example \"0-5460\"";
        else if (first >= HashSlot.Count || last >= HashSlot.Count)
            error = $"\"{text}\" is outside the hash slots 0-{HashSlot.Count - 1}";
        else if (first > last)
            error = $"\"{text}\" is backwards: the first slot must not be above the last";
        else
            range = new SlotRange(first, last);
        return error is null;
    }

    /// <summary>The range as Redis writes it: <c>first-last</c>, or the slot alone when there is one.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => First == Last
        ? First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");

    private static bool TryParseSlot(string? text, out int slot) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out slot);
}
