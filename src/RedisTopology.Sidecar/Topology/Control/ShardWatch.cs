using RedisTopology.Core.Topology;
using RedisTopology.Sidecar.Configuration;

namespace RedisTopology.Sidecar.Topology.Control;

/// <summary>The replication of one shard: up to which moment each replica has what its master acknowledged. Made anew when the shard's servers change.</summary>
/// <remarks>
/// The rule: a moment is taken, then the master is asked for its offset M. A replica that follows the same stream and has carried out M or more, whenever it is asked, has
/// every write that was acknowledged before that moment. Offsets of different streams (another replication id) say nothing of each other.
/// </remarks>
/// <param name="master">The master's agent; null while there is no master.</param>
/// <param name="replicas">The replicas' agents.</param>
/// <param name="source">The options.</param>
/// <param name="refresh">Asks for a new map.</param>
/// <param name="gate">One lock for all shards: a server may change from one to another.</param>
internal sealed class ShardWatch(NodeAgent? master, NodeAgent[] replicas, OptionsSource source, Action<string> refresh, Lock gate)
{
    private const int Slow = 1000;
    private readonly OffsetHistory _history = new(Capacity(source.Current));
    private UInt128 _stream;
    private long _polledAt;
    private SlotSet _leaving = SlotSet.Empty;
    private volatile bool _looksCloser = true;
    private long _lookedAt;

    /// <summary>The master's agent; null while there is no master.</summary>
    public NodeAgent? Master => master;

    /// <summary>The replicas' agents.</summary>
    public NodeAgent[] Replicas => replicas;

    /// <summary>Whether the master was not asked yet which slots it gives away, or gave some away when it was asked last, or has told a client so since.</summary>
    public bool LooksCloser => _looksCloser || (master is not null && master.Node.SentOnAt >= Volatile.Read(ref _lookedAt));

    /// <summary>Whether a server is asked for the slots that it gives away: a master is, also one without replicas, as great values are kept while their slot moves.</summary>
    /// <param name="agent">Its agent.</param>
    /// <returns>True when it is.</returns>
    public bool TellsOpenings(NodeAgent agent) => agent == master;

    /// <summary>Has the master asked which slots it gives away, with the next poll.</summary>
    public void LookCloser() => _looksCloser = true;

    /// <summary>Takes in which slots the master gives away.</summary>
    /// <param name="agent">Its agent.</param>
    /// <param name="openings">What it told.</param>
    /// <param name="map">The map in force.</param>
    /// <returns>False when slots have left of which the map does not know where they went: they stay as they are, lest they are looked for at replicas they have left.</returns>
    public bool Opened(NodeAgent agent, Openings openings, ClusterMap map)
    {
        lock (gate)
        {
            if (agent.Watch != this || agent != master)
                return true;
            Volatile.Write(ref _lookedAt, openings.AskedAt);
            var left = _leaving.Except(openings.Owned);
            var leaving = SlotSet.OfSlots(openings.Leaving.Union(left).Slots.Where(s => map.Of(s)?.Master == agent.Node));
            Settle(_leaving.Except(leaving), map.Held);
            foreach (var slot in leaving.Slots)
                map.Held.Open(slot);
            _leaving = leaving;
            _looksCloser = !leaving.IsEmpty;
            return left.Intersect(leaving).IsEmpty;
        }
    }

    /// <summary>The shard has other servers from now on: what was known of its slots is known no longer.</summary>
    /// <param name="held">The slots that are read from masters.</param>
    public void End(HeldSlots held)
    {
        lock (gate)
        {
            Settle(_leaving, held);
            _leaving = SlotSet.Empty;
        }
    }

    /// <summary>Asks for offsets when it is time to.</summary>
    /// <param name="now">Now, in milliseconds.</param>
    public void Tick(long now)
    {
        var options = source.Current;
        if (!IsPressing() && now - _polledAt < Math.Min(Slow, options.MaxLag.TotalMilliseconds / 4))
            return;
        _polledAt = now;
        master?.Poll(now);
        // The replicas are asked when the master has answered, so that they can have reached its offset; without it, they still tell whether they follow anyone.
        if (master is not { Answers: true })
            Ask(now);
    }

    /// <summary>Takes in what a server of this shard answered.</summary>
    /// <param name="agent">Its agent.</param>
    /// <param name="status">What it told.</param>
    /// <param name="askedAt">A moment before it was asked.</param>
    public void Polled(NodeAgent agent, ReplicationStatus status, long askedAt)
    {
        var isMaster = agent == master;
        if (status.IsMaster != isMaster)
            refresh(isMaster ? "master demoted" : "replica promoted");
        lock (gate)
        {
            // It may have been given to another shard since it was asked.
            if (agent.Watch != this)
                return;
            if (isMaster)
                Produced(status, askedAt);
            else
                CarriedOut(agent.Node, status);
        }

        if (isMaster)
            Ask(Environment.TickCount64);
    }

    /// <summary>Takes over its servers: what was known of them was of another master, or of another time.</summary>
    public void TakeOver()
    {
        lock (gate)
        {
            foreach (var agent in replicas)
                agent.Watch = this;
            if (master is not null)
                (master.Watch, master.Node.CaughtUpTo, master.Node.InSync) = (this, 0, false);
            Begin(0);
        }
    }

    private static int Capacity(SidecarOptions options) =>
        (int)Math.Clamp(1.25 * options.MaxLag.TotalMilliseconds / Math.Max(1, options.OffsetPoll.TotalMilliseconds), 16, 1024);

    private bool IsPressing()
    {
        var wroteAt = master?.Node.WroteAt ?? 0;
        foreach (var replica in replicas)
        {
            if (replica.Node.InSync && replica.Node.CaughtUpTo <= wroteAt)
                return true;
        }

        return false;
    }

    private static void Settle(SlotSet slots, HeldSlots held)
    {
        foreach (var slot in slots.Slots)
            held.Settle(slot, Environment.TickCount64);
    }

    private void Ask(long now)
    {
        foreach (var replica in replicas)
            replica.Poll(now);
    }

    private void Produced(ReplicationStatus status, long askedAt)
    {
        if (!status.IsMaster)
        {
            Begin(0);
            return;
        }

        if (status.History != _stream)
            Begin(status.History);
        _history.Add(askedAt, status.Offset);
    }

    private void CarriedOut(Node replica, ReplicationStatus status)
    {
        // What was learned of this stream stays true while the master is silent: the replica then ages until it is too far behind.
        var caughtUpTo = !status.IsMaster && status.LinkUp && status.History == _stream ? Math.Max(replica.CaughtUpTo, _history.CaughtUpTo(status.Offset)) : 0;
        replica.CaughtUpTo = caughtUpTo;
        replica.InSync = caughtUpTo > 0 && replica.HeardAt - caughtUpTo <= source.Current.MaxLag.TotalMilliseconds;
    }

    private void Begin(UInt128 stream)
    {
        _history.Clear();
        _stream = stream;
        foreach (var replica in replicas)
            (replica.Node.CaughtUpTo, replica.Node.InSync) = (0, false);
    }
}
