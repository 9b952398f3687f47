using System.Globalization;
using System.Net;
using System.Text;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Tests.Commands;

/// <summary>
/// Servers that answer SCAN as Redis does - in an order of their own, by a cursor that is a place in it - and between whom slots move key by key or at once, while replicas are promoted.
/// </summary>
internal sealed class SimulatedShards
{
    private readonly Random _random;
    private readonly Dictionary<Node, (int Seed, HashSet<string> Keys)> _servers = [];
    private readonly Node[] _owner = new Node[HashSlot.Count];
    private readonly Dictionary<int, Node> _importing = [];
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<Node, long> _claims = [];
    private int _made;

    public SimulatedShards(Random random, int shards, IEnumerable<string> keys)
    {
        _random = random;
        for (var i = 0; i < shards; i++)
            _nodes.Add(Make([]));
        for (var slot = 0; slot < HashSlot.Count; slot++)
            _owner[slot] = _nodes[slot % shards];
        foreach (var key in keys)
            _servers[_owner[HashSlot.Of(key)]].Keys.Add(key);
        Map = Refresh();
    }

    /// <summary>What a sidecar knows: behind the truth but for <see cref="Refresh"/>.</summary>
    public ClusterMap Map { get; private set; }

    public IReadOnlyList<Node> Nodes => _nodes;

    public ClusterMap Refresh()
    {
        foreach (var node in _nodes)
            node.Claim = _claims[node];
        var shards = _nodes.Select((n, i) => new Shard(i, n, [])).ToArray();
        return Map = new(_made, shards, [.. _owner.Select(o => shards[_nodes.IndexOf(o)])]);
    }

    /// <summary>Something that happens to the cluster.</summary>
    public void Happen(string anyKey)
    {
        switch (_random.Next(5))
        {
            case 0:
                // A slot with keys goes elsewhere, at once.
                Flip(HashSlot.Of(anyKey), _nodes[_random.Next(_nodes.Count)]);
                break;
            case 1:
                var slot = HashSlot.Of(anyKey);
                if (_nodes[_random.Next(_nodes.Count)] is var target && target != _owner[slot])
                    _importing.TryAdd(slot, target);
                break;
            case 2:
                foreach (var (open, to) in _importing)
                    MoveOne(open, to);
                break;
            case 3 when _importing.Count > 0:
                var (done, at) = _importing.First();
                Flip(done, at);
                break;
            default:
                if (_random.Next(10) == 0)
                    Promote(_random.Next(_nodes.Count));
                break;
        }
    }

    /// <summary>A slot moves at once, and no sidecar looks.</summary>
    public void Move(int slot, Node to) => Flip(slot, to);

    public byte[] Scan(Node node, ulong cursor, int count)
    {
        var (seed, keys) = _servers[node];
        var rest = keys.Select(k => (Place: Place(seed, k), Key: k)).Where(k => k.Place >= cursor).OrderBy(k => k.Place).ToArray();
        var next = rest.Length <= count ? 0 : rest[count - 1].Place + 1;
        var page = next == 0 ? rest : [.. rest.Where(k => k.Place < next)];
        var text = new StringBuilder($"*2\r\n${next.ToString(CultureInfo.InvariantCulture).Length}\r\n{next}\r\n*{page.Length}\r\n");
        foreach (var (_, key) in page)
            text.Append($"${key.Length}\r\n{key}\r\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    public byte[] ClusterNodes(Node node)
    {
        var text = new StringBuilder();
        foreach (var one in _nodes)
        {
            text.Append($"id{one.Index} {one.EndPoint}@1 {(one == node ? "myself,master" : "master")} - 0 0 {_claims[one]} connected");
            for (var slot = 0; slot < HashSlot.Count; slot++)
            {
                if (_owner[slot] == one)
                    text.Append(' ').Append(slot);
            }

            foreach (var (slot, to) in _importing)
            {
                if (one == node && to == node)
                    text.Append($" [{slot}-<-id{_owner[slot].Index}]");
                else if (one == node && _owner[slot] == node)
                    text.Append($" [{slot}->-id{to.Index}]");
            }

            text.Append('\n');
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static ulong Place(int seed, string key) => (uint)Crc16.Compute(Encoding.ASCII.GetBytes(key + seed.ToString(CultureInfo.InvariantCulture)));

    private Node Make(HashSet<string> keys)
    {
        var node = new Node(_made, "127.0.0.1", new IPEndPoint(IPAddress.Loopback, 7000 + _made++));
        _servers[node] = (_random.Next(), keys);
        _claims[node] = _made;
        return node;
    }

    private void MoveOne(int slot, Node to)
    {
        if (_servers[_owner[slot]].Keys.FirstOrDefault(k => HashSlot.Of(k) == slot) is { } key)
        {
            _servers[_owner[slot]].Keys.Remove(key);
            _servers[to].Keys.Add(key);
        }
    }

    private void Flip(int slot, Node to)
    {
        // Where some are on their way already, the rest follows there.
        to = _importing.GetValueOrDefault(slot, to);
        while (to != _owner[slot] && _servers[_owner[slot]].Keys.Any(k => HashSlot.Of(k) == slot))
            MoveOne(slot, to);
        // As servers do: who takes a slot does so under an epoch that is newer than all others.
        if (to != _owner[slot] && _claims.Values.Max() is var newest && _claims[to] < newest)
            _claims[to] = newest + 1;
        _owner[slot] = to;
        _importing.Remove(slot);
    }

    private void Promote(int index)
    {
        var old = _nodes[index];
        var replica = Make([.. _servers[old].Keys]);
        _nodes[index] = replica;
        for (var slot = 0; slot < HashSlot.Count; slot++)
            _owner[slot] = _owner[slot] == old ? replica : _owner[slot];
        foreach (var slot in _importing.Where(i => i.Value == old).Select(i => i.Key).ToArray())
            _importing[slot] = replica;
        // Nobody answers at the old address: a sidecar learns of that at once.
        Refresh();
    }
}
