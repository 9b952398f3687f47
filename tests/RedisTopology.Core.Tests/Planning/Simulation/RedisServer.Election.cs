namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>Promotion: by election after a failure, by agreement with the master, by takeover.</summary>
internal sealed partial class RedisServer
{
    private int _electionAt = -1;

    /// <summary>Until when an election is held whether or not the master is held for failed; -1 when none is.</summary>
    private int _forcedUntil = -1;

    /// <summary>Before which no election is held after one that was: four node timeouts, won or lost.</summary>
    private int _noElectionBefore;

    /// <summary>Until when a manual failover is tried; -1 when none is.</summary>
    public int FailoverUntil { get; private set; } = -1;

    private void FailoverCron()
    {
        if (!Replica || Known(MasterId) is not { } master || MaskOf(master.Id) == 0)
            return;
        if (FailoverUntil >= _world.Now)
            TryGraceful(master);
        else
            FailoverUntil = -1;

        if (Replica && _forcedUntil >= _world.Now)
            TryForced(master);
        if (!Replica || !master.Failed)
        {
            _electionAt = -1;
            return;
        }

        if (_electionAt < 0)
            _electionAt = Math.Max(_noElectionBefore, _world.Now + 1 + _table.Count(n => n.MasterId == master.Id && Link(n) is { } sibling && sibling.Offset > Offset));
        if (_world.Now < _electionAt)
            return;
        _electionAt = _noElectionBefore = _world.Now + (4 * NodeTimeout);
        if (Elect(master, force: false))
            Promote(CurrentEpoch, "election");
    }

    /// <summary>Lost, too, when the packets are.</summary>
    private void TryForced(KnownNode master)
    {
        if (_world.Now < _noElectionBefore)
            return;
        _noElectionBefore = _world.Now + (4 * NodeTimeout);
        if ((!_world.Faulty || _world.Random.Next(4) > 0) && Elect(master, force: true))
            Promote(CurrentEpoch, "forced election");
        else
            _world.Events.Count("forced election lost");
    }

    private void TryGraceful(KnownNode node)
    {
        if (!LinkUp || Link(node) is not { Replica: false } master || master.Known(Id)?.MasterId != master.Id || MasterHost != master.Address)
            return;

        // The master holds writes back while the replica catches up.
        CatchUp(master);
        if (Elect(node, force: true))
            Promote(CurrentEpoch, "agreement");
    }

    private bool Elect(KnownNode master, bool force)
    {
        var epoch = ++CurrentEpoch;
        var claims = MaskOf(master.Id);
        var votes = 0;
        foreach (var peer in _table)
        {
            if (!peer.Replica && Link(peer) is { } voter && voter.Vote(this, master, claims, epoch, force))
                votes++;
        }

        return votes > ClusterSize() / 2;
    }

    private bool Vote(RedisServer candidate, KnownNode candidatesMaster, ulong claims, long epoch, bool force)
    {
        if (Replica || Claims == 0 || Known(candidate.Id) is not { Replica: true } known || epoch < CurrentEpoch || _lastVoteEpoch >= epoch)
            return false;
        var master = known.MasterId == Id ? null : Known(known.MasterId);
        if (known.MasterId is null || (!force && master is not { Failed: true }))
            return false;
        if (master is not null && !force && _world.Now - master.VotedAt < 2 * NodeTimeout)
            return false;
        for (var atom = 0; atom < Atoms.Count; atom++)
        {
            if ((claims & (1UL << atom)) != 0 && _slots[atom] is { } owner && EpochOf(owner) > candidatesMaster.ConfigEpoch)
                return false;
        }

        CurrentEpoch = epoch;
        _lastVoteEpoch = epoch;
        master?.VotedAt = _world.Now;
        return true;
    }

    private void Promote(long epoch, string by)
    {
        var old = MasterId;
        var mask = MaskOf(old);
        Replica = false;
        MasterId = null;
        MasterHost = null;
        LinkUp = false;
        FailoverUntil = _forcedUntil = -1;
        _electionAt = -1;
        ConfigEpoch = epoch;
        CurrentEpoch = Math.Max(CurrentEpoch, epoch);
        Take(mask);
        _imported = 0;
        BranchHistory();
        _world.Promoted(this, old, by);
        Broadcast();
    }
}
