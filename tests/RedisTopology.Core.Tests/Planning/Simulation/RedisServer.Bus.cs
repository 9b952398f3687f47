namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>The cluster bus: pings, gossip, slot claims by epoch, failure detection.</summary>
internal sealed partial class RedisServer
{
    /// <summary>One second of clusterCron. A node that is not connected, or no longer where it was, is tried anew each time.</summary>
    public void Cron()
    {
        if (!Running || Loading)
            return;
        var now = _world.Now;
        var random = _world.Random;
        _lines.Clear();
        _lines.AddRange(_table);
        foreach (var node in _lines)
        {
            if (node.Handshake && now - node.HandshakeSince > NodeTimeout)
                _table.Remove(node);
            else if (!node.NoAddress && (node.Handshake || !node.Connected || now - node.PingAt >= 2 || random.Next(4) == 0) && _table.Contains(node))
                Ping(node);
        }

        foreach (var node in _table)
        {
            if (node.Handshake || node.NoAddress || now - node.PongAt <= NodeTimeout)
                continue;
            node.Suspect |= !node.Failed;
            MarkFailing(node);
        }

        FailoverCron();
    }

    private void Ping(KnownNode node)
    {
        node.PingAt = _world.Now;
        var target = _world.Network.At(node.Address);
        node.Connected = target is not null && Reaches(target) && (!node.Handshake || target == node.HandshakeWith);
        if (!node.Connected)
            return;
        target!.Receive(this, isPing: true);
        Pong(node, target);
    }

    /// <summary>A packet from a sender that opened the connection. A stranger is answered but not listened to.</summary>
    private void Receive(RedisServer from, bool isPing)
    {
        if (Known(from.Id) is not { } sender)
            return;
        if (isPing)
            UpdateAddress(sender, from);
        Hear(sender, from);
    }

    private void Pong(KnownNode node, RedisServer from)
    {
        if (node.Handshake)
        {
            _table.Remove(node);
            if (from == this)
                return;
            if (Known(from.Id) is { } known)
            {
                UpdateAddress(known, from);
                return;
            }

            node.Id = from.Id;
            node.HandshakeWith = null;
            _table.Add(node);
        }
        else if (node.Id != from.Id)
        {
            node.NoAddress = true;
            node.Address = null;
            node.Connected = false;
            return;
        }

        node.PongAt = _world.Now;
        node.Suspect = false;
        if (node.Failed && (node.Replica || MaskOf(node.Id) == 0 || _world.Now - node.FailedAt > 2 * NodeTimeout))
            node.Failed = false;
        Hear(node, from);
    }

    private void UpdateAddress(KnownNode node, RedisServer from)
    {
        if (node.Address == from.Address && !node.NoAddress)
            return;
        node.Address = from.Address;
        node.NoAddress = false;
        node.Connected = false;
        if (Replica && MasterId == node.Id)
            SetMasterHost(node.Address);
    }

    private void SetMasterHost(string? address)
    {
        MasterHost = address;
        LinkUp = false;
        _syncAt = -1;
    }

    private void Hear(KnownNode sender, RedisServer from)
    {
        var master = from.Replica ? from.Known(from.MasterId) : null;
        var epoch = master?.ConfigEpoch ?? from.ConfigEpoch;
        var claims = from.MaskOf(master?.Id ?? from.Id);
        CurrentEpoch = Math.Max(CurrentEpoch, from.CurrentEpoch);
        sender.ConfigEpoch = Math.Max(sender.ConfigEpoch, epoch);
        sender.Pod = from.Pod;
        HearRole(sender, from);
        HearClaims(sender, from, epoch, claims);
        if (!from.Replica && !Replica && from.ConfigEpoch == ConfigEpoch && string.CompareOrdinal(from.Id, Id) > 0)
            ConfigEpoch = ++CurrentEpoch;
        HearGossip(sender, from);
        if (Cluster.TellsBans)
            HearBans(from);
    }

    /// <summary>Every packet says which ids its sender refuses, and for how long yet: who knows one of them drops it and refuses it as long, and tells others. Nobody drops its own master.</summary>
    private void HearBans(RedisServer from)
    {
        foreach (var (id, until) in from._banned)
        {
            if (until > _world.Now && id != Id && !(Replica && MasterId == id) && Known(id) is not null)
                Ban(id, until);
        }
    }

    private void HearRole(KnownNode sender, RedisServer from)
    {
        if (!from.Replica)
        {
            sender.Replica = false;
            sender.MasterId = null;
            return;
        }

        if (!sender.Replica)
        {
            sender.Replica = true;
            for (var atom = 0; atom < Atoms.Count; atom++)
            {
                if (_slots[atom] == sender.Id)
                    _slots[atom] = null;
            }
        }

        if (from.MasterId == Id || Known(from.MasterId) is not null)
            sender.MasterId = from.MasterId;
    }

    private void HearClaims(KnownNode sender, RedisServer from, long epoch, ulong claims)
    {
        var claimant = sender.Replica ? sender.MasterId : sender.Id;
        if (claimant is null || claims == MaskOf(claimant))
            return;
        if (!sender.Replica)
            AcceptClaims(sender, epoch, claims);
        for (var atom = 0; atom < Atoms.Count; atom++)
        {
            if ((claims & ~_unclaimed & (1UL << atom)) == 0 || _slots[atom] is not { } owner || owner == claimant || EpochOf(owner) <= epoch)
                continue;
            from.Update(this, owner, EpochOf(owner), MaskOf(owner) & ~_unclaimed);
            break;
        }
    }

    /// <summary>Someone knows better than this server who owns some slots.</summary>
    private void Update(RedisServer from, string owner, long epoch, ulong mask)
    {
        if (Known(from.Id) is null || Known(owner) is not { } node || node.ConfigEpoch >= epoch)
            return;
        node.Replica = false;
        node.MasterId = null;
        node.ConfigEpoch = epoch;
        AcceptClaims(node, epoch, mask);
    }

    private void AcceptClaims(KnownNode claimant, long epoch, ulong claims)
    {
        var mine = Replica ? MasterId : Id;
        ulong lost = 0, dirty = 0;
        for (var atom = 0; atom < Atoms.Count; atom++)
        {
            var bit = 1UL << atom;
            var owner = _slots[atom];
            if (owner == claimant.Id)
                _unclaimed = (claims & bit) == 0 ? _unclaimed | bit : _unclaimed & ~bit;
            if ((claims & bit) == 0 || owner == claimant.Id || _importing[atom] is not null || (owner is not null && (_unclaimed & bit) == 0 && EpochOf(owner) >= epoch))
                continue;
            if (owner == Id)
                dirty |= bit;
            if (owner is not null && owner == mine)
                lost |= bit;
            _slots[atom] = claimant.Id;
            _imported &= ~bit;
            _unclaimed &= ~bit;
        }

        // cluster-allow-replica-migration no: follow the claimant only when it took exactly what this shard had.
        if (lost != 0 && MaskOf(mine) == 0 && claims == lost && ((Cluster.ById(claimant.Id)?._imported ?? 0) & lost) == 0)
            Follow(claimant);
        else if (dirty != 0)
            DropKeys(dirty);
    }

    private void Follow(KnownNode master)
    {
        Replica = true;
        Fenced = false;
        ClearMarks();
        _imported = 0;
        MasterId = master.Id;
        FailoverUntil = _forcedUntil = -1;
        SetMasterHost(master.Address);
    }

    private void HearGossip(KnownNode sender, RedisServer from)
    {
        var count = from._table.Count;
        var skip = count == 0 ? 0 : _world.Random.Next(count);
        var index = 0;
        foreach (var told in from._table)
        {
            // Three at random (a run of the table is random enough), and everyone it finds silent.
            var offset = index++ - skip;
            if (offset < 0)
                offset += count;
            if ((offset < 3 || told.Suspect) && !told.Handshake && !told.NoAddress && told.Id != Id && (told.Connected || from.MaskOf(told.Id) != 0))
                HearOf(told, sender, from);
        }
    }

    private void HearOf(KnownNode told, KnownNode sender, RedisServer from)
    {
        if (Known(told.Id) is not { } node)
        {
            if (_banned.GetValueOrDefault(told.Id) <= _world.Now)
                _table.Add(new KnownNode(told.Id) { Address = told.Address, Replica = told.Replica, Suspect = told.Suspect, Failed = told.Failed, FailedAt = _world.Now, PongAt = _world.Now });
            return;
        }

        var silent = told.Suspect || told.Failed;
        if (!from.Replica)
        {
            if (silent)
            {
                node.Reports[sender.Id] = _world.Now;
                MarkFailing(node);
            }
            else
            {
                node.Reports.Remove(sender.Id);
            }
        }

        // Gossip moves the address of a silent node, but not where replication goes: a replica can cling to a dead address.
        if ((node.Suspect || node.Failed) && !silent && told.Address != node.Address)
        {
            node.Address = told.Address;
            node.NoAddress = false;
            node.Connected = false;
        }
    }

    private void MarkFailing(KnownNode node)
    {
        if (!node.Suspect || node.Failed)
            return;
        var reports = Replica ? 0 : 1;
        foreach (var (_, at) in node.Reports)
            reports += _world.Now - at <= 2 * NodeTimeout ? 1 : 0;
        if (reports <= ClusterSize() / 2)
            return;
        Fail(node);
        if (Replica)
            return;
        foreach (var peer in _table)
        {
            if (Link(peer) is { } target && target.Known(Id) is not null && target.Known(node.Id) is { Failed: false } theirs)
                target.Fail(theirs);
        }
    }

    private void Fail(KnownNode node)
    {
        node.Failed = true;
        node.Suspect = false;
        node.FailedAt = _world.Now;
    }

    /// <summary>The peer's server when the link to it works and it is who it is taken for.</summary>
    private RedisServer? Link(KnownNode peer) =>
        !peer.Handshake && !peer.NoAddress && _world.Network.At(peer.Address) is { } target && target.Id == peer.Id && Reaches(target) ? target : null;

    /// <summary>The number of masters with slots.</summary>
    private int ClusterSize()
    {
        var size = 0;
        var seen = 0UL;
        for (var atom = 0; atom < Atoms.Count; atom++)
        {
            if (_slots[atom] is not { } owner || (seen & (1UL << atom)) != 0)
                continue;
            seen |= MaskOf(owner);
            size++;
        }

        return size;
    }
}
