namespace RedisTopology.Sidecar.Topology;

/// <summary>What the loops ask of the control side. Members are cheap, never block, and may be called from any thread.</summary>
public interface ITopology
{
    /// <summary>The map in force; <see cref="ClusterMap.Empty"/> until one has been learned.</summary>
    ClusterMap Current { get; }

    /// <summary>Asks for a new map soon; calls that come together are one.</summary>
    /// <param name="why">A constant text for log and metrics, such as "moved" or "connection lost".</param>
    void Refresh(string why);

    /// <summary>The node at an address that a redirect named, made known when it is new.</summary>
    /// <param name="host">An address or a name; empty means the host of <paramref name="from"/>, as Redis defines it.</param>
    /// <param name="port">Its port.</param>
    /// <param name="from">The server that said so.</param>
    /// <returns>The node; null when the name is not an address and not known yet (a refresh is then under way).</returns>
    Node? At(string host, int port, Node from);
}
