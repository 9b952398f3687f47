using System.Collections.Concurrent;
using System.Net;
using k8s;
using k8s.Models;
using RedisTopology.Operator.Manifests;

namespace RedisTopology.Bench.Scale;

/// <summary>Which simulated pod has which address, kept by a watch.</summary>
internal sealed class PodAddressBook(IKubernetes client)
{
    private readonly ConcurrentDictionary<IPAddress, SimulatedNode> _byAddress = new();
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, SimulatedNode>> _clusters = new();

    public int Count => _byAddress.Count;

    /// <summary>The pod at an address; waits, since the operator may have heard of it first.</summary>
    public async Task<SimulatedNode> FindAsync(IPAddress address, CancellationToken cancel)
    {
        SimulatedNode? node;
        while (!_byAddress.TryGetValue(address, out node))
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancel);
        return node;
    }

    /// <summary>The pods of a cluster that have addresses, in the order of their names.</summary>
    public IReadOnlyList<SimulatedNode> ClusterOf(SimulatedNode node) =>
        [.. _clusters[node.ClusterKey].Values.OrderBy(n => n.Pod, StringComparer.Ordinal)];

    /// <summary>Watches until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                // Without a version a watch begins with everything there is, so that nothing need be remembered between two.
                await foreach (var (_, pod) in client.CoreV1.WatchListPodForAllNamespacesAsync(labelSelector: Labels.ManagedSelector, timeoutSeconds: 3600, onError: e => throw e, cancellationToken: cancel))
                    Add(pod);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // Closed: again.
            }
        }
    }

    private void Add(V1Pod pod)
    {
        if (pod.Status?.PodIP is not { Length: > 0 } address)
            return;
        var node = new SimulatedNode(pod.Namespace(), pod.Labels()[Labels.Cluster], pod.Labels()[Labels.Shard], pod.Name(), address);
        _byAddress[IPAddress.Parse(address)] = node;
        _clusters.GetOrAdd(node.ClusterKey, _ => new())[node.Pod] = node;
    }
}
