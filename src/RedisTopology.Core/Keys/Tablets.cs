using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using RedisTopology.Core.Hashing;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Keys;

/// <summary>
/// How ids are laid on slots: <see cref="Granularity"/> ids in a row are a tablet, and the tablets are the slots 0, 1, 2, ... in their order. So a range of ids
/// is a range of slots, and what moves, fails over and redirects clients is the engine's own.
/// </summary>
/// <remarks>
/// There are 16,384 tablets. The mapping is total: ids below <see cref="First"/> count as the first tablet, ids past the last one as the last. These stay
/// together in one slot whatever their number, so the granularity is to be chosen with the greatest id in mind.
/// </remarks>
public sealed record Tablets
{
    /// <summary>The number of tablets: one for each slot.</summary>
    public const int Count = HashSlot.Count;

    /// <summary>The greatest granularity: with it the tablets already hold every id of <see cref="KeyPattern.MaxDigits"/> digits.</summary>
    public const long MaxGranularity = 100_000_000_000_000;

    private const int LastTablet = Count - 1;

    private Tablets(long first, long granularity) => (First, Granularity) = (first, granularity);

    /// <summary>The id the first tablet begins with, 0..<see cref="KeyPattern.MaxId"/>.</summary>
    public long First { get; }

    /// <summary>The number of ids of a tablet, 1..<see cref="MaxGranularity"/>.</summary>
    public long Granularity { get; }

    /// <summary>All ids: the open range from <see cref="First"/>.</summary>
    public IdRange All => new(First, null);

    /// <summary>Makes the tablets of a spec.</summary>
    /// <param name="first">The id the first tablet begins with.</param>
    /// <param name="granularity">The number of ids of a tablet.</param>
    /// <param name="tablets">The tablets, when both are valid.</param>
    /// <param name="error">What is wrong, beginning with the field's name, and what would be right.</param>
    /// <returns>Whether they are valid.</returns>
    public static bool TryCreate(long first, long granularity, [NotNullWhen(true)] out Tablets? tablets, [NotNullWhen(false)] out string? error)
    {
        error = first is < 0 or > KeyPattern.MaxId
            ? $"first: {first} is outside 0 to {KeyPattern.MaxId}"
            : granularity is < 1 or > MaxGranularity ? $"granularity: {granularity} is outside 1 to {MaxGranularity}" : null;
        tablets = error is null ? new Tablets(first, granularity) : null;
        return error is null;
    }

    /// <summary>The tablet of an id, which is its slot.</summary>
    /// <param name="id">An id, 0..<see cref="KeyPattern.MaxId"/>.</param>
    /// <returns>A tablet, 0..16383.</returns>
    public int Of(long id) => id < First ? 0 : (int)Math.Min((id - First) / Granularity, LastTablet);

    /// <summary>The ids of a tablet.</summary>
    /// <param name="tablet">A tablet, 0..16383.</param>
    /// <returns>Its ids; open for the last one.</returns>
    public IdRange Ids(int tablet) => Ids(new SlotRange(tablet, tablet));

    /// <summary>The ids that live in a range of slots.</summary>
    /// <param name="slots">The slots.</param>
    /// <returns>Their ids; open when the last slot is among them.</returns>
    public IdRange Ids(SlotRange slots) => new(Begin(slots.First), slots.Last == LastTablet ? null : Begin(slots.Last + 1) - 1);

    /// <summary>The ids that live in a set of slots.</summary>
    /// <param name="slots">The slots.</param>
    /// <returns>Their ids, in ascending order.</returns>
    public ImmutableArray<IdRange> Ids(SlotSet slots)
    {
        ArgumentNullException.ThrowIfNull(slots);
        return [.. slots.Ranges.Select(Ids)];
    }

    /// <summary>The slots of a range of ids, when it begins and ends where tablets do.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="slots">Their slots.</param>
    /// <param name="error">What is wrong with the range, and the nearest one that is right.</param>
    /// <returns>Whether the range is made of whole tablets.</returns>
    public bool TrySlots(IdRange ids, out SlotRange slots, [NotNullWhen(false)] out string? error)
    {
        slots = Nearest(ids);
        var nearest = Ids(slots);
        if (nearest == ids)
        {
            error = null;
            return true;
        }

        error = $"\"{ids}\" is not made of whole tablets ({Granularity} ids each from {First}, the last of {Count} open); the nearest range that is: \"{nearest}\"";
        return false;
    }

    /// <summary>The range of whole tablets whose ends are nearest to those of a range of ids; halfway is rounded up, and at least one tablet remains.</summary>
    /// <param name="ids">Any range of ids.</param>
    /// <returns>The slots of the range.</returns>
    public SlotRange Nearest(IdRange ids)
    {
        var begin = (int)Math.Min(Boundary(ids.First), LastTablet);
        var end = ids.Last is { } last ? Math.Clamp(Boundary(last + 1), begin + 1, Count) : Count;
        return new SlotRange(begin, (int)end - 1);
    }

    private long Begin(int tablet) => First + (tablet * Granularity);

    private long Boundary(long id) => id < First ? 0 : (id - First + (Granularity / 2)) / Granularity;
}
