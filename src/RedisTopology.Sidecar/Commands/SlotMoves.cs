using System.Buffers.Text;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Commands;

/// <summary>
/// When each slot last changed its server, as far as this process has seen it: what tells a SCAN which keys may have slipped past it. One for the process; may be used by any loop.
/// </summary>
/// <remarks>
/// A failover is a move of all slots of its shard: the new master's SCAN goes in an order of its own. A master that claims its slots under a newer epoch than before has taken some from another: some it
/// shows now, and others perhaps that it had given away and has taken back between two looks. Nothing tells which, so all of its slots are taken to have moved.
/// </remarks>
public sealed class SlotMoves
{
    // Cursors are handed from one sidecar to another in gateway mode, and their clocks may differ a little.
    private const long Tolerance = 2 * ScanCursor.Unit;
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Node?[] _owner = new Node?[HashSlot.Count];
    private readonly Node?[] _importing = new Node?[HashSlot.Count];
    private readonly long[] _movedAt = new long[HashSlot.Count];
    private readonly long[] _move = new long[HashSlot.Count];
    private readonly Dictionary<Node, long> _claims = [];
    private long _moves;
    private long _since = long.MaxValue;
    private ClusterMap? _seen;

    /// <summary>Starts with no slot having an owner.</summary>
    /// <param name="time">The clock: wall time, because cursors outlive processes.</param>
    public SlotMoves(TimeProvider time) => _time = time;

    /// <summary>Wall time in milliseconds.</summary>
    internal long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>How many moves have been seen.</summary>
    internal long Count => Volatile.Read(ref _moves);

    /// <summary>
    /// Takes note of a map; to be called for each that comes, from the start: a SCAN that began before the first one is taken for one that may have missed any slot. Cheap when it is
    /// the one seen last.
    /// </summary>
    /// <param name="map">The map in force.</param>
    /// <param name="anew">Looks at every slot even so: <see cref="ClusterMap.Moved"/> changes a map in its place.</param>
    public void Observe(ClusterMap map, bool anew = false)
    {
        if (ReferenceEquals(map, Volatile.Read(ref _seen)) && !anew)
            return;
        lock (_lock)
        {
            var now = Now;
            if (map.Shards.Length > 0)
                _since = Math.Min(_since, now - Tolerance);
            for (var slot = 0; slot < HashSlot.Count; slot++)
            {
                if (map.Of(slot)?.Master is { } owner)
                    Owns(slot, owner, now);
            }

            foreach (var shard in map.Shards)
            {
                if (shard.Master is { Claim: > 0 } master)
                    Claims(master, master.Claim, now);
            }

            Volatile.Write(ref _seen, map);
        }
    }

    /// <summary>
    /// Takes note of what a server says of itself: which slots it owns, and which are on their way to it key by key. Truer than a map, which may be some seconds old.
    /// </summary>
    /// <param name="node">The server.</param>
    /// <param name="clusterNodes">The text of its CLUSTER NODES.</param>
    public void Observe(Node node, ReadOnlySpan<byte> clusterNodes)
    {
        var importing = new SlotSet();
        lock (_lock)
        {
            var (now, claim) = (Now, 0L);
            foreach (var line in clusterNodes.Split((byte)'\n'))
            {
                // <id> <address> <flags> <master> <ping> <pong> <epoch> <link> <slot>...
                var field = 0;
                var mine = false;
                foreach (var range in clusterNodes[line].Split((byte)' '))
                {
                    var text = clusterNodes[line][range];
                    if (field == 2)
                        mine = text.IndexOf("myself"u8) >= 0 && text.IndexOf("master"u8) >= 0;
                    if (field > 2 && !mine)
                        break;
                    if (field == 6)
                        _ = Utf8Parser.TryParse(text, out claim, out _);
                    if (field >= 8)
                        Slots(text, node, importing, now);
                    field++;
                }
            }

            for (var slot = 0; slot < HashSlot.Count; slot++)
            {
                if (importing.Contains(slot) == (_importing[slot] == node))
                    continue;
                // Begun, or ended: in either case keys have changed their place.
                _importing[slot] = importing.Contains(slot) ? node : null;
                Moved(slot, now);
            }

            if (claim > 0)
                Claims(node, claim, now);
        }
    }

    /// <summary>The slots whose keys may have changed their server since a time, those that were already on their way by then among them.</summary>
    /// <param name="time">Wall time in milliseconds.</param>
    /// <returns>The slots, all of them when the time is before this process was there to see; and the number of moves seen so far.</returns>
    internal (SlotSet Slots, long Moves) Since(long time) => Where(slot => time < _since || _movedAt[slot] >= time || _importing[slot] is not null);

    /// <summary>The slots whose keys may have changed their server since a number of moves. Of those that were on their way by then the keys went where a pass has looked.</summary>
    /// <param name="moves">What was given with the slots of the pass before.</param>
    /// <returns>The slots, and the number of moves seen so far.</returns>
    internal (SlotSet Slots, long Moves) After(long moves) => Where(slot => _move[slot] > moves);

    /// <summary>The servers that may hold keys of some slots.</summary>
    /// <param name="slots">The slots.</param>
    /// <returns>Their owners, and those they are on their way to.</returns>
    internal HashSet<Node> Holders(SlotSet slots)
    {
        var nodes = new HashSet<Node>();
        lock (_lock)
        {
            for (var slot = 0; slot < HashSlot.Count; slot++)
            {
                if (!slots.Contains(slot))
                    continue;
                if (_owner[slot] is { } owner)
                    nodes.Add(owner);
                if (_importing[slot] is { } target)
                    nodes.Add(target);
            }
        }

        return nodes;
    }

    private (SlotSet Slots, long Moves) Where(Predicate<int> moved)
    {
        var slots = new SlotSet();
        lock (_lock)
        {
            for (var slot = 0; slot < HashSlot.Count; slot++)
            {
                if (moved(slot))
                    slots.Add(slot);
            }

            return (slots, _moves);
        }
    }

    private void Slots(ReadOnlySpan<byte> text, Node node, SlotSet importing, long now)
    {
        // 5, 5-10, [5-<-id] on its way to this server, [5->-id] on its way from it.
        var open = !text.IsEmpty && text[0] == '[';
        text = open ? text[1..] : text;
        if (!Utf8Parser.TryParse(text, out int first, out var length) || first is < 0 or >= HashSlot.Count)
            return;
        if (open)
        {
            if (text[length..].StartsWith("-<-"u8))
                importing.Add(first);
            return;
        }

        var last = first;
        if (length < text.Length && text[length] == '-' && Utf8Parser.TryParse(text[(length + 1)..], out int end, out _))
            last = Math.Min(end, HashSlot.Count - 1);
        for (var slot = first; slot <= last; slot++)
            Owns(slot, node, now);
    }

    private void Owns(int slot, Node owner, long now)
    {
        if (_owner[slot] == owner)
            return;
        if (_owner[slot] is not null)
            Moved(slot, now);
        _owner[slot] = owner;
    }

    // An older one is hearsay.
    private void Claims(Node owner, long claim, long now)
    {
        if (!_claims.TryGetValue(owner, out var known) || claim <= known)
        {
            _ = _claims.TryAdd(owner, claim);
            return;
        }

        _claims[owner] = claim;
        for (var slot = 0; slot < HashSlot.Count; slot++)
        {
            if (_owner[slot] == owner)
                Moved(slot, now);
        }
    }

    private void Moved(int slot, long now)
    {
        _movedAt[slot] = now;
        _move[slot] = ++_moves;
    }
}
