namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>The CLUSTER subcommands an operator uses; each answers whether the server accepted it.</summary>
internal sealed partial class RedisServer
{
    /// <summary>CLUSTER MEET. The packet is on its way at once; the handshake ends with the next gossip.</summary>
    public bool Meet(string address)
    {
        if (_table.Exists(n => n.Handshake && n.Address == address))
            return true;
        if (_world.Network.At(address) is not { } target || target == this)
            return false;
        StartHandshake(target);
        if (Reaches(target) && target.Known(Id) is null && !target._table.Exists(n => n.Handshake && n.Address == Address))
            target.StartHandshake(this);
        return true;
    }

    /// <summary>CLUSTER FORGET: not for itself or its own master; the id is not learnt again from gossip for a minute (by a handshake it is), and others are told where the version does so.</summary>
    public bool Forget(string id)
    {
        if (id == Id || Known(id) is null || (Replica && MasterId == id))
            return false;
        Invariants.Forgetting(this, id);
        Ban(id, _world.Now + ForgetBan);
        return true;
    }

    /// <summary>CLUSTER ADDSLOTSRANGE: refused when this server's own view has an owner for any of them.</summary>
    public bool AddSlots(ulong mask)
    {
        if (Replica)
            return false;
        for (var atom = 0; atom < Atoms.Count; atom++)
        {
            if ((mask & (1UL << atom)) != 0 && _slots[atom] is not null)
                return false;
        }

        Take(mask);
        for (var atom = 0; atom < Atoms.Count; atom++)
        {
            if ((mask & (1UL << atom)) != 0)
                _importing[atom] = null;
        }

        Fenced = false;
        return true;
    }

    /// <summary>CLUSTER DELSLOTS of those it holds others to own.</summary>
    public bool DelSlots(ulong mask)
    {
        for (var atom = 0; atom < Atoms.Count; atom++)
        {
            if ((mask & (1UL << atom)) != 0 && _slots[atom] != Id)
                _slots[atom] = null;
        }

        return !Replica;
    }

    /// <summary>CLUSTER SET-CONFIG-EPOCH: only for one that knows nobody and never had an epoch.</summary>
    public bool SetConfigEpoch(long epoch)
    {
        if (_table.Count > 0 || ConfigEpoch != 0)
            return false;
        ConfigEpoch = epoch;
        CurrentEpoch = Math.Max(CurrentEpoch, epoch);
        return true;
    }

    /// <summary>CLUSTER BUMPEPOCH.</summary>
    public void BumpEpoch()
    {
        var max = Math.Max(CurrentEpoch, _table.Select(n => n.ConfigEpoch).DefaultIfEmpty().Max());
        if (ConfigEpoch == 0 || ConfigEpoch != max)
            ConfigEpoch = CurrentEpoch = max + 1;
    }

    /// <summary>CLUSTER REPLICATE.</summary>
    public bool ReplicateOf(string masterId)
    {
        if (masterId == Id || Known(masterId) is not { Replica: false } master)
            return false;
        if (!Replica && (Claims != 0 || Keys.Count > 0))
            return false;
        Follow(master);
        return true;
    }

    /// <summary>CLUSTER RESET of a replica, or of a master without keys: an empty master that knows nobody, under its old id and epoch (soft) or another id and none (hard).</summary>
    public bool Reset(bool hard)
    {
        if (!Replica && Keys.Count > 0)
            return false;
        _world.Invariants.Detaching(this);
        Replica = false;
        MasterId = MasterHost = null;
        LinkUp = false;
        FailoverUntil = _forcedUntil = _electionAt = -1;
        Wipe();
        ClearMarks();
        Array.Clear(_slots);
        _imported = _unclaimed = 0;
        _table.Clear();
        if (!hard)
            return true;
        Id = _world.NewId(Cluster);
        ConfigEpoch = CurrentEpoch = _lastVoteEpoch = 0;
        _world.Events.Count("id renewed");
        return true;
    }

    /// <summary>CLUSTER FAILOVER: accepted now, done by the bus while its five seconds last.</summary>
    public bool StartGracefulFailover()
    {
        if (!Replica || Known(MasterId) is not { Failed: false, Connected: true })
            return false;
        FailoverUntil = _world.Now + 5;
        return true;
    }

    /// <summary>CLUSTER FAILOVER FORCE: an election at once, and again while its five seconds last where one was tried too lately for the engine to hold another.</summary>
    public bool ForceElection()
    {
        if (!Replica || Known(MasterId) is not { } master)
            return false;
        _world.Invariants.Forcing(this, master.Id);
        _forcedUntil = _world.Now + 5;
        if (MaskOf(master.Id) != 0)
            TryForced(master);
        return true;
    }

    /// <summary>CLUSTER FAILOVER TAKEOVER.</summary>
    public bool Takeover()
    {
        if (!Replica || Known(MasterId) is not { } master)
            return false;
        Invariants.TakingOver(this, master.Id);
        BumpEpoch();
        Promote(ConfigEpoch, "takeover");
        return true;
    }

    private void StartHandshake(RedisServer with)
    {
        var node = new KnownNode($"handshake-{_handshakes++}")
        {
            Address = with.Address,
            HandshakeWith = with,
            HandshakeSince = _world.Now,
        };
        _table.Add(node);
    }

    private void Ban(string id, int until)
    {
        DropNode(id);
        ClearMarks(of: id);
        _banned[id] = until;
    }

    private void DropNode(string id)
    {
        for (var atom = 0; atom < Atoms.Count; atom++)
        {
            if (_slots[atom] == id)
                _slots[atom] = null;
        }

        _table.RemoveAll(n => n.Id == id);
        foreach (var node in _table)
        {
            node.Reports.Remove(id);
            if (node.MasterId == id)
                node.MasterId = null;
        }
    }

    private void Take(ulong mask)
    {
        for (var atom = 0; atom < Atoms.Count; atom++)
        {
            if ((mask & (1UL << atom)) != 0)
                _slots[atom] = Id;
        }

        _unclaimed &= ~mask;
    }
}
