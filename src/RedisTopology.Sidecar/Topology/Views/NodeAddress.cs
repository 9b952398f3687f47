namespace RedisTopology.Sidecar.Topology.Views;

/// <summary>Where a view says that a server is.</summary>
/// <param name="Host">A name or an address, never empty.</param>
/// <param name="Port">The port.</param>
/// <param name="Ip">The address to use when <paramref name="Host"/> is a name that can not be resolved; empty when not known.</param>
internal sealed record NodeAddress(string Host, int Port, string Ip)
{
    /// <summary>The address a view gives for a server in it.</summary>
    /// <param name="view">The view.</param>
    /// <param name="node">The server.</param>
    /// <returns>The address.</returns>
    public static NodeAddress Of(ClusterView view, ViewNode node) =>
        new(node.Host.Length > 0 ? node.Host : view.AskedAt.ToString(), node.Port, node.Ip);
}
