using System.Collections.Immutable;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>Slots on their way. As in Redis 7.0 the marks are a master's own: no replica has them, and they end with its mastership.</summary>
internal sealed partial class RedisServer
{
    private readonly string?[] _importing = new string?[SlotAtoms.Limit];
    private readonly string?[] _migrating = new string?[SlotAtoms.Limit];

    /// <summary>Slots that came by migration. One who loses slots to these does not become a replica: in truth they came one by one, and only the last in this message.</summary>
    private ulong _imported;

    /// <summary>Slots whose owner, as this server has it, no longer claims them: whoever does now is believed, under whatever epoch.</summary>
    private ulong _unclaimed;

    public bool HasMarks { get; private set; }

    public string? ImportingFrom(int atom) => _importing[atom];

    public string? MigratingTo(int atom) => _migrating[atom];

    public bool SetImporting(int atom, string from)
    {
        if (Replica || _slots[atom] == Id || Known(from) is not { Replica: false })
            return false;
        _importing[atom] = from;
        HasMarks = true;
        return true;
    }

    public bool SetMigrating(int atom, string to)
    {
        if (Replica || _slots[atom] != Id || Known(to) is not { Replica: false })
            return false;
        _migrating[atom] = to;
        HasMarks = true;
        return true;
    }

    public bool SetStable(int atom)
    {
        if (Replica)
            return false;
        _importing[atom] = _migrating[atom] = null;
        return true;
    }

    public bool SetOwner(int atom, string id)
    {
        if (Replica || (id != Id && Known(id) is not { Replica: false }) || (_slots[atom] == Id && id != Id && Count(1UL << atom) > 0))
            return false;
        if (Count(1UL << atom) == 0)
            _migrating[atom] = null;
        _slots[atom] = id;
        _imported &= ~(1UL << atom);
        _unclaimed &= ~(1UL << atom);
        if (id == Id && _importing[atom] is not null)
        {
            _importing[atom] = null;
            _imported |= 1UL << atom;
            BumpEpoch();
            Broadcast();
        }

        return true;
    }

    /// <summary>The end of an atomic migration.</summary>
    public void Receive(SimJob job)
    {
        foreach (var key in job.Source.KeysIn(job.Mask))
        {
            Write(key);
            job.Source.Remove(key);
        }

        Take(job.Mask);
        _imported |= job.Mask;
        BumpEpoch();
        for (var atom = 0; atom < Atoms.Count; atom++)
        {
            if ((job.Mask & (1UL << atom)) != 0)
                job.Source._slots[atom] = Id;
        }

        job.Source._imported &= ~job.Mask;
        Broadcast();
    }

    public void SplitAtom(int atom, int added)
    {
        _slots[added] = _slots[atom];
        _importing[added] = _migrating[added] = null;
        if ((_imported & (1UL << atom)) != 0)
            _imported |= 1UL << added;
        if ((_unclaimed & (1UL << atom)) != 0)
            _unclaimed |= 1UL << added;
    }

    /// <summary>What this server holds of an atom, to compare atoms by.</summary>
    public (string? Owner, string? Importing, string? Migrating, bool Imported, bool Unclaimed) AtomState(int atom) =>
        (_slots[atom], _importing[atom], _migrating[atom], (_imported & (1UL << atom)) != 0, (_unclaimed & (1UL << atom)) != 0);

    public void JoinAtoms(ReadOnlySpan<int> groupOf)
    {
        ulong imported = 0, unclaimed = 0;
        for (var atom = 0; atom < groupOf.Length; atom++)
        {
            // Groups are numbered in the order of their first atoms, so nothing is overwritten before it is read.
            var group = groupOf[atom];
            _slots[group] = _slots[atom];
            _importing[group] = _importing[atom];
            _migrating[group] = _migrating[atom];
            if ((_imported & (1UL << atom)) != 0)
                imported |= 1UL << group;
            if ((_unclaimed & (1UL << atom)) != 0)
                unclaimed |= 1UL << group;
        }

        _imported = imported;
        _unclaimed = unclaimed;
    }

    /// <summary>What a master does when it starts with its dataset: keys of slots it does not own make it claim the slot, or wait to be given the rest.</summary>
    private void VerifyData()
    {
        if (Replica)
            return;
        foreach (var key in Keys)
        {
            var atom = Atoms.Of(_world.KeySlot(key));
            if (_slots[atom] == Id || _importing[atom] is not null)
                continue;
            atom = Atoms.Single(_world.KeySlot(key));
            if (_slots[atom] is { } owner)
            {
                _importing[atom] = owner;
                HasMarks = true;
            }
            else
            {
                _slots[atom] = Id;
            }
        }
    }

    private void ClearMarks(string? of = null)
    {
        for (var atom = 0; HasMarks && atom < Atoms.Count; atom++)
        {
            if (of is null || _importing[atom] == of)
                _importing[atom] = null;
            if (of is null || _migrating[atom] == of)
                _migrating[atom] = null;
        }

        HasMarks &= of is not null;
    }

    private ImmutableArray<OpenSlot> OpenSlots()
    {
        if (!HasMarks)
            return [];
        var open = ImmutableArray.CreateBuilder<OpenSlot>();
        for (var atom = 0; atom < Atoms.Count; atom++)
        {
            if (_importing[atom] is { } from)
                open.Add(new OpenSlot(Atoms.FirstSlot(atom), true, from));
            if (_migrating[atom] is { } to)
                open.Add(new OpenSlot(Atoms.FirstSlot(atom), false, to));
        }

        HasMarks = open.Count > 0;
        return open.ToImmutable();
    }

    private void Broadcast()
    {
        foreach (var peer in _table.ToArray())
            Link(peer)?.Receive(this, isPing: false);
    }
}
