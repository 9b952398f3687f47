namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>The dataset, as the set of keys held, and how it gets to replicas.</summary>
internal sealed partial class RedisServer
{
    /// <summary>A master that has a replica pings it through the replication stream: offset 0 means that nothing was ever copied.</summary>
    private const int PingBytes = 14;

    private const int DeleteBytes = 50;

    private HashSet<int> _keys = [];
    private int _syncAt = -1;
    private long _bytes;

    /// <summary>The keys it holds.</summary>
    public IReadOnlySet<int> Keys => _keys;

    public long Offset { get; private set; }

    /// <summary>The replication id: two servers with the same one differ at most in how far they got.</summary>
    public ReplicationHistory History { get; private set; }

    /// <summary>How far it got in its history, in changes.</summary>
    public int Position { get; private set; }

    public string? MasterHost { get; private set; }

    public bool LinkUp { get; private set; }

    public void Write(int key)
    {
        Keep(key);
        History.Add(key);
        Position++;
        Offset += World.KeySize(key);
    }

    public void Remove(int key)
    {
        Drop(key);
        History.Add(~key);
        Position++;
        Offset += DeleteBytes;
    }

    private void Keep(int key) => _bytes += _keys.Add(key) ? World.KeySize(key) : 0;

    private void Drop(int key) => _bytes -= _keys.Remove(key) ? World.KeySize(key) : 0;

    public void Flush() => DropKeys(ulong.MaxValue);

    public int Count(ulong mask)
    {
        var count = 0;
        foreach (var key in _keys)
        {
            if ((mask & (1UL << _world.KeyAtom(key))) != 0)
                count++;
        }

        return count;
    }

    public List<int> KeysIn(ulong mask) => [.. _keys.Where(key => (mask & (1UL << _world.KeyAtom(key))) != 0)];

    /// <summary>Nothing but what the master held at the point this server got to.</summary>
    public bool IsCopyOf(RedisServer master) => ContinuesFrom(master) && (Position < master.Position || _keys.SetEquals(master._keys));

    /// <summary>One second of replication. It follows the address it was given, whatever gossip says of it.</summary>
    public void Replicate(bool slow)
    {
        if (!Running || Loading || !Replica)
            return;
        MasterHost ??= Known(MasterId) is { NoAddress: false } node ? node.Address : null;
        var master = _world.Network.At(MasterHost);
        if (master is null || master == this || master.Cluster != Cluster || master.Fenced || !Reaches(master))
        {
            LinkUp = false;
            _syncAt = -1;
            return;
        }

        var partial = ContinuesFrom(master);
        if (!LinkUp)
        {
            if (_syncAt < 0)
                _syncAt = _world.Now + (partial ? 0 : 1 + _world.Random.Next(3));
            if (_world.Now < _syncAt)
                return;
            _syncAt = -1;
        }
        else if (!partial)
        {
            LinkUp = false;
            return;
        }
        else if (slow)
        {
            return;
        }

        CatchUp(master);
        LinkUp = true;
    }

    private bool ContinuesFrom(RedisServer master) =>
        (History == master.History && Position <= master.Position)
        || (History == master.History.Parent && Position <= master.History.Start);

    private void CatchUp(RedisServer master)
    {
        if (ContinuesFrom(master))
        {
            for (; Position < master.Position; Position++)
            {
                var change = master.History[Position];
                if (change >= 0)
                {
                    Keep(change);
                    _world.Copied(change);
                }
                else
                {
                    Drop(~change);
                }
            }
        }
        else
        {
            _world.Invariants.FullSync(this, master);
            _keys = [.. master._keys];
            _bytes = master._bytes;
            foreach (var key in _keys)
                _world.Copied(key);
            Position = master.Position;
            master.Offset += PingBytes;
        }

        History = master.History;
        Offset = master.Offset;
    }

    private void Wipe()
    {
        _keys.Clear();
        _bytes = 0;
        Offset = 0;
        Position = 0;
        History = new ReplicationHistory(null, 0);
    }

    /// <summary>A promoted replica's second replication id lets its siblings go on without a full synchronisation.</summary>
    private void BranchHistory() => History = new ReplicationHistory(History, Position);

    private void DropKeys(ulong mask)
    {
        foreach (var key in KeysIn(mask))
            Remove(key);
    }
}
