using System.Collections.Immutable;
using RedisTopology.Core.Hashing;

namespace RedisTopology.Core.Topology;

/// <summary>An immutable set of hash slots, kept as ordered, disjoint, non-touching ranges; equal when it holds the same slots.</summary>
public sealed class SlotSet : IEquatable<SlotSet>
{
    /// <summary>No slots.</summary>
    public static readonly SlotSet Empty = new([]);

    /// <summary>All 16,384 slots.</summary>
    public static readonly SlotSet All = new([new SlotRange(0, HashSlot.Count - 1)]);

    /// <summary>In the middle of a move the slots that are left are in hundreds of pieces.</summary>
    private const int MostNamed = 6;

    private SlotSet(ImmutableArray<SlotRange> ranges)
    {
        Ranges = ranges;
        foreach (var range in ranges)
            Count += range.Count;
    }

    /// <summary>The ranges in ascending order; no two overlap or touch.</summary>
    public ImmutableArray<SlotRange> Ranges { get; }

    /// <summary>The number of slots, 0..16384.</summary>
    public int Count { get; }

    /// <summary>Whether there are no slots.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>Every slot, ascending.</summary>
    public IEnumerable<int> Slots
    {
        get
        {
            foreach (var range in Ranges)
            {
                for (var slot = range.First; slot <= range.Last; slot++)
                    yield return slot;
            }
        }
    }

    /// <summary>The set of all slots in <paramref name="ranges"/>, which may overlap and be in any order.</summary>
    /// <param name="ranges">The ranges.</param>
    /// <returns>The set.</returns>
    public static SlotSet Of(IEnumerable<SlotRange> ranges)
    {
        var merged = ImmutableArray.CreateBuilder<SlotRange>();
        foreach (var range in ranges.OrderBy(r => r.First))
            Append(merged, range);
        return InOrder(merged);
    }

    /// <summary>The set of these slots.</summary>
    /// <param name="slots">Slots, in any order.</param>
    /// <returns>The set.</returns>
    public static SlotSet OfSlots(IEnumerable<int> slots) => Of(slots.Select(s => new SlotRange(s, s)));

    /// <inheritdoc cref="Of(IEnumerable{SlotRange})"/>
    public static SlotSet Of(params ReadOnlySpan<SlotRange> ranges) => ranges.Length == 1 ? new SlotSet([ranges[0]]) : Of(ranges.ToArray().AsEnumerable());

    /// <summary>Whether <paramref name="slot"/> is in the set.</summary>
    /// <param name="slot">Any number.</param>
    /// <returns>True when it is.</returns>
    public bool Contains(int slot)
    {
        int low = 0, high = Ranges.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (slot < Ranges[middle].First)
                high = middle - 1;
            else if (slot > Ranges[middle].Last)
                low = middle + 1;
            else
                return true;
        }

        return false;
    }

    /// <summary>The slots in either set.</summary>
    /// <param name="other">The other set.</param>
    /// <returns>The union.</returns>
    public SlotSet Union(SlotSet other)
    {
        if (other.IsEmpty || ReferenceEquals(this, other))
            return this;
        if (IsEmpty)
            return other;
        var merged = ImmutableArray.CreateBuilder<SlotRange>(Ranges.Length + other.Ranges.Length);
        int i = 0, j = 0;
        while (i < Ranges.Length || j < other.Ranges.Length)
        {
            var fromThis = j == other.Ranges.Length || (i < Ranges.Length && Ranges[i].First <= other.Ranges[j].First);
            Append(merged, fromThis ? Ranges[i++] : other.Ranges[j++]);
        }

        return new SlotSet(merged.DrainToImmutable());
    }

    /// <summary>The slots in both sets.</summary>
    /// <param name="other">The other set.</param>
    /// <returns>The intersection.</returns>
    public SlotSet Intersect(SlotSet other)
    {
        if (IsEmpty || other.Count == HashSlot.Count || ReferenceEquals(this, other))
            return this;
        if (other.IsEmpty || Count == HashSlot.Count)
            return other;
        var common = ImmutableArray.CreateBuilder<SlotRange>();
        int i = 0, j = 0;
        while (i < Ranges.Length && j < other.Ranges.Length)
        {
            var first = Math.Max(Ranges[i].First, other.Ranges[j].First);
            var last = Math.Min(Ranges[i].Last, other.Ranges[j].Last);
            if (first <= last)
                common.Add(new SlotRange(first, last));
            if (Ranges[i].Last < other.Ranges[j].Last)
                i++;
            else
                j++;
        }

        return InOrder(common);
    }

    /// <summary>The slots of this set that are not in the other.</summary>
    /// <param name="other">The other set.</param>
    /// <returns>The difference.</returns>
    public SlotSet Except(SlotSet other) => IsEmpty || ReferenceEquals(this, other) ? Empty : other.IsEmpty ? this : Intersect(other.Complement());

    /// <summary>The slots that are not in this set.</summary>
    /// <returns>The complement within 0..16383.</returns>
    public SlotSet Complement()
    {
        if (Count is 0 or HashSlot.Count)
            return IsEmpty ? All : Empty;
        var gaps = ImmutableArray.CreateBuilder<SlotRange>(Ranges.Length + 1);
        var next = 0;
        foreach (var range in Ranges)
        {
            if (range.First > next)
                gaps.Add(new SlotRange(next, range.First - 1));
            next = range.Last + 1;
        }

        if (next < HashSlot.Count)
            gaps.Add(new SlotRange(next, HashSlot.Count - 1));
        return InOrder(gaps);
    }

    /// <summary>The lowest slots of the set.</summary>
    /// <param name="count">How many; all when there are no more.</param>
    /// <returns>The slots.</returns>
    public SlotSet Lowest(int count)
    {
        if (count >= Count)
            return this;
        var taken = ImmutableArray.CreateBuilder<SlotRange>();
        for (var i = 0; count > 0; i++)
        {
            var range = Ranges[i];
            taken.Add(range.Count <= count ? range : new SlotRange(range.First, range.First + count - 1));
            count -= range.Count;
        }

        return InOrder(taken);
    }

    /// <summary>The highest slots of the set.</summary>
    /// <param name="count">How many; all when there are no more.</param>
    /// <returns>The slots.</returns>
    public SlotSet Highest(int count) => count >= Count ? this : Except(Lowest(Count - count));

    /// <inheritdoc/>
    public bool Equals(SlotSet? other) => ReferenceEquals(this, other) || (other is not null && Count == other.Count && Ranges.AsSpan().SequenceEqual(other.Ranges.AsSpan()));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SlotSet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var range in Ranges)
            hash.Add(range);
        return hash.ToHashCode();
    }

    /// <summary>The ranges joined by commas, for example <c>0-5460,6000</c>; empty for no slots.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => string.Join(',', Ranges);

    /// <summary>The ranges for a person to read: those after the sixth are left out.</summary>
    /// <returns>The text.</returns>
    public string ToBriefString() => Ranges.Length <= MostNamed ? ToString() : string.Join(',', Ranges.Take(MostNamed)) + ",...";

    /// <summary>Adds a range that does not begin before the last one.</summary>
    private static void Append(ImmutableArray<SlotRange>.Builder ranges, SlotRange range)
    {
        if (ranges.Count > 0 && range.First <= ranges[^1].Last + 1)
            ranges[^1] = new SlotRange(ranges[^1].First, Math.Max(ranges[^1].Last, range.Last));
        else
            ranges.Add(range);
    }

    /// <summary>The set of ranges that are in order and do not touch.</summary>
    private static SlotSet InOrder(ImmutableArray<SlotRange>.Builder ranges) => ranges.Count == 0 ? Empty : new SlotSet(ranges.DrainToImmutable());
}
