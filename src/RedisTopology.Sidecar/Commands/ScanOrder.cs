using System.Text;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Commands;

/// <summary>The masters of a map in the order in which SCAN goes through them: by a number made of their address alone, so that every sidecar has the same.</summary>
internal sealed class ScanOrder
{
    private readonly SortedList<int, Node> _nodes = [];

    /// <summary>Orders the masters of a map. Two whose numbers collide take the next free one, in the order of their addresses.</summary>
    /// <param name="map">The map.</param>
    public ScanOrder(ClusterMap map)
    {
        Map = map;
        foreach (var (name, node) in map.Shards.Where(s => s.Master is not null).Select(s => (Name: s.Master!.EndPoint.ToString(), s.Master)).OrderBy(n => n.Name, StringComparer.Ordinal))
        {
            var tag = Tag(name);
            while (!_nodes.TryAdd(tag, node) && _nodes.Count < ScanCursor.End - 1)
                tag = (tag % (ScanCursor.End - 1)) + 1;
        }
    }

    /// <summary>What it was made of.</summary>
    public ClusterMap Map { get; }

    /// <summary>The server of a tag.</summary>
    /// <param name="tag">1..<see cref="ScanCursor.End"/>.</param>
    /// <returns>The server; null when there is none of that tag any more.</returns>
    public Node? Find(int tag) => _nodes.GetValueOrDefault(tag);

    /// <summary>The first tag after <paramref name="tag"/>, among servers of <paramref name="only"/> if that is given.</summary>
    /// <param name="tag">0 for the first of all.</param>
    /// <param name="only">The servers to go through; null for all.</param>
    /// <returns>A tag; <see cref="ScanCursor.End"/> when there is none.</returns>
    public int Next(int tag, HashSet<Node>? only)
    {
        foreach (var (candidate, node) in _nodes)
        {
            if (candidate > tag && (only is null || only.Contains(node)))
                return candidate;
        }

        return ScanCursor.End;
    }

    private static int Tag(string address) => (((Crc16.Compute(Encoding.ASCII.GetBytes(address)) * 40503) & 0xFFFF) % (ScanCursor.End - 1)) + 1;
}
