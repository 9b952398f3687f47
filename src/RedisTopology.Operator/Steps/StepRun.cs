using System.Collections.Immutable;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Redis;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Steps;

/// <summary>What the steps of one plan work with.</summary>
/// <param name="Cluster">The entity, for events.</param>
/// <param name="Definition">The cluster.</param>
/// <param name="Manifests">Its objects as they should be.</param>
/// <param name="Observed">What the plan was made from.</param>
/// <param name="State">What is kept of the cluster.</param>
/// <param name="Session">The connections to its servers.</param>
/// <param name="CancellationToken">Cancelled when this process no longer leads: nothing is written after that.</param>
internal sealed record StepRun(
    CacheCluster Cluster,
    ClusterDefinition Definition,
    ImmutableArray<Manifest> Manifests,
    ObservedTopology Observed,
    ClusterState State,
    RedisSession Session,
    CancellationToken CancellationToken)
{
    private readonly HashSet<NodeRef> _confirmed = [];

    /// <summary>Ids whose loss was told of: one event for all nodes that forget them.</summary>
    public HashSet<string> Told { get; } = [];

    /// <summary>Makes sure, once in a run, that a server still is who it was: between the look and the step its address may have passed to another cluster.</summary>
    /// <param name="node">The server.</param>
    /// <exception cref="StepOutdatedException">Somebody else answers there.</exception>
    public async Task ConfirmAsync(NodeRef node)
    {
        if (_confirmed.Contains(node))
            return;
        var id = (string?)await Session.ExecuteAsync(node.Address, "CLUSTER", "MYID");
        if (id != node.Id)
            throw new StepOutdatedException($"{node.Address} now answers as node {id}, not as {node.Pod}");
        _confirmed.Add(node);
    }

    /// <summary>
    /// A new node answers no replication (see the entry script), lest an old replica of its address copies its emptiness. It may, once it has a place:
    /// before the step that gives it one, so that there is never a master which cannot be followed.
    /// </summary>
    /// <param name="node">The server.</param>
    public async Task AdmitAsync(NodeRef node) => await Session.ExecuteAsync(node.Address, "ACL", "SETUSER", "default", "+psync", "+sync");

    /// <summary>The slots a server claims, as it says now.</summary>
    /// <param name="address">Its address.</param>
    /// <returns>The slots.</returns>
    public async Task<SlotSet> SlotsOfAsync(string address) => (await NodeAsync(address)).Slots;

    /// <summary>What a server says of itself and of the others in <c>CLUSTER NODES</c>.</summary>
    /// <param name="address">The server's address.</param>
    /// <returns>The node; what only <c>INFO</c> tells is missing.</returns>
    public async Task<ObservedNode> NodeAsync(string address) =>
        NodeParser.Parse((string)(await Session.ExecuteAsync(address, "CLUSTER", "NODES"))!, "", "", new ResourceNames(Definition.Name), Definition.Namespace).Node;

    /// <summary>The last look before a pod goes: what became the master since the plan was made stays. A server that did not answer is not asked.</summary>
    /// <param name="pod">The pod.</param>
    /// <exception cref="StepOutdatedException">It is a master with slots.</exception>
    public async Task EnsureDispensableAsync(ObservedPod pod)
    {
        if (pod.Address is null || pod.Node is null)
            return;
        if (await Session.IsMasterAsync(pod.Address) && !(await SlotsOfAsync(pod.Address)).IsEmpty)
            throw new StepOutdatedException($"{pod.Name} has become a master");
    }
}
