using System.Numerics;
using RedisTopology.Core.Hashing;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>
/// The slots in parts that nobody has told apart so far, so that a set of slots is a few bits and a schedule takes well under a millisecond per second simulated. A
/// set that cuts through a part makes two of it.
/// </summary>
internal sealed class SlotAtoms
{
    /// <summary>As many as a mask has bits.</summary>
    public const int Limit = 64;

    private readonly SlotSet[] _atoms = new SlotSet[Limit];
    private readonly byte[] _atomOf = new byte[HashSlot.Count];
    private readonly Dictionary<ulong, SlotSet> _sets = [];
    private readonly Dictionary<SlotSet, ulong> _masks = [];

    public SlotAtoms()
    {
        _atoms[0] = SlotSet.All;
        Count = 1;
        Reset();
    }

    /// <summary>An atom gave a part of its slots to a new one: from, to.</summary>
    public event Action<int, int>? Split;


    public int Count { get; private set; }

    public int Of(int slot) => _atomOf[slot];

    public int SizeOf(ulong mask)
    {
        var size = 0;
        for (; mask != 0; mask &= mask - 1)
            size += _atoms[BitOperations.TrailingZeroCount(mask)].Count;
        return size;
    }

    public int FirstSlot(int atom) => _atoms[atom].Ranges[0].First;

    public SlotSet Set(ulong mask)
    {
        if (!_sets.TryGetValue(mask, out var set))
        {
            var ranges = new List<SlotRange>();
            for (var rest = mask; rest != 0; rest &= rest - 1)
                ranges.AddRange(_atoms[BitOperations.TrailingZeroCount(rest)].Ranges);
            set = SlotSet.Of(ranges);
            _sets[mask] = set;
        }

        return set;
    }

    public ulong Mask(SlotSet set)
    {
        if (_masks.TryGetValue(set, out var mask))
            return mask;
        for (var atom = 0; atom < Count; atom++)
        {
            var common = _atoms[atom].Intersect(set);
            if (common.IsEmpty)
                continue;
            if (common.Count < _atoms[atom].Count && Count == Limit)
                throw new SimulationException("too many parts of slots");
            mask |= 1UL << (common.Count == _atoms[atom].Count ? atom : Cut(atom, common));
        }

        _masks[set] = mask;
        return mask;
    }

    /// <summary>The atom that is this slot alone.</summary>
    public int Single(int slot) => BitOperations.TrailingZeroCount(Mask(SlotSet.OfSlots([slot])));

    /// <summary>Makes one atom of those with the same group number; the atoms are numbered by group from then on.</summary>
    public void Join(ReadOnlySpan<int> groupOf)
    {
        var joined = new List<SlotSet>();
        for (var atom = 0; atom < Count; atom++)
        {
            if (groupOf[atom] == joined.Count)
                joined.Add(_atoms[atom]);
            else
                joined[groupOf[atom]] = joined[groupOf[atom]].Union(_atoms[atom]);
        }

        joined.CopyTo(_atoms);
        Count = joined.Count;
        for (var atom = 0; atom < Count; atom++)
            Number(atom);
        Reset();
    }

    private int Cut(int atom, SlotSet part)
    {
        var added = Count++;
        _atoms[atom] = _atoms[atom].Except(part);
        _atoms[added] = part;
        Number(added);
        Reset();
        Split?.Invoke(atom, added);
        return added;
    }

    private void Number(int atom)
    {
        foreach (var range in _atoms[atom].Ranges)
            _atomOf.AsSpan(range.First, range.Count).Fill((byte)atom);
    }

    private void Reset()
    {
        _sets.Clear();
        _masks.Clear();
        _sets[0] = SlotSet.Empty;
        _masks[SlotSet.Empty] = 0;
    }
}
