using System.Collections.Concurrent;
using System.Net;

namespace RedisTopology.Sidecar.Topology;

/// <summary>The one <see cref="Node"/> of each address there ever was, and the names they go by. Any thread may ask.</summary>
internal sealed class NodeRegistry
{
    private readonly ConcurrentDictionary<(string Host, int Port), Node> _named = new();
    private readonly Dictionary<IPEndPoint, Node> _nodes = [];
    private readonly Lock _gate = new();

    /// <summary>How many addresses have been met.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _nodes.Count;
        }
    }

    /// <summary>The node at an address, made when it is new; from now on it is found by the name too.</summary>
    /// <param name="host">The name or address it is called by.</param>
    /// <param name="endPoint">The address.</param>
    /// <returns>The node.</returns>
    public Node Get(string host, IPEndPoint endPoint)
    {
        Node? node;
        lock (_gate)
        {
            if (!_nodes.TryGetValue(endPoint, out node))
                _nodes[endPoint] = node = new(_nodes.Count, host, endPoint);
        }

        _named[(host, endPoint.Port)] = node;
        return node;
    }

    /// <summary>The node that went by a name last.</summary>
    /// <param name="host">A name or address, exactly as a server says it.</param>
    /// <param name="port">Its port.</param>
    /// <returns>The node; null when it has not been met.</returns>
    public Node? Find(string host, int port) => _named.GetValueOrDefault((host, port));
}
