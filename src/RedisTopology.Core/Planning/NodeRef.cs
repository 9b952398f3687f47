using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>A Redis server as a step means it; whoever carries out the step first checks that this id still answers there.</summary>
/// <param name="Pod">The pod's name.</param>
/// <param name="Id">The node id it had when it was observed.</param>
/// <param name="Address">The pod's IP address.</param>
public sealed record NodeRef(string Pod, string Id, string Address)
{
    /// <summary>The reference to a live pod's server.</summary>
    /// <param name="pod">A pod with a node and an address.</param>
    /// <returns>The reference.</returns>
    public static NodeRef To(ObservedPod pod) => new(pod.Name, pod.Node!.Id, pod.Address!);
}
