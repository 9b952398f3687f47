using System.Text.Json.Nodes;
using k8s.Models;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Observation;

/// <summary>The shards and pods of a cluster as Kubernetes shows them, from the caches; what the servers say comes later.</summary>
internal sealed class PodFinder(IResourceCache<PodView> pods, IResourceCache<NodeView> nodes, OwnedObjectsByKind owned, IApiCapabilities capabilities, TimeProvider time)
{
    /// <summary>Looks.</summary>
    /// <param name="definition">The cluster.</param>
    /// <param name="state">What is kept of it.</param>
    /// <returns>The shards, those the spec no longer names after the others; and the pods, each with an id of its running container.</returns>
    public async Task<(List<ObservedShard> Shards, List<(ObservedPod Pod, string? Container)> Pods)> FindAsync(ClusterDefinition definition, ClusterState state)
    {
        var names = new ResourceNames(definition.Name);
        var sets = FindShards(definition, names);
        await AddMadeAsync(sets, definition, names, state);
        return ([.. sets.Select(s => s.Shard).OfType<ObservedShard>()], await FitAsync(FindPods(definition, names, sets, state), definition, state));
    }

    /// <summary>
    /// The StatefulSets, of the shards of the spec in its order, then of those it no longer names. One that is being deleted is no shard any more, but its pods are looked at
    /// until they are gone.
    /// </summary>
    private List<ShardSet> FindShards(ClusterDefinition definition, ResourceNames names)
    {
        var sets = owned["StatefulSet"];
        var result = new List<ShardSet>();
        foreach (var shard in definition.Topology.Shards)
            result.Add(sets.Find(definition.Namespace, names.StatefulSet(shard.Name)) is var (metadata, document) ? Read(shard.Name, metadata, document) : new ShardSet(shard.Name, null, null));
        var wanted = result.Select(r => r.Name).ToHashSet();
        foreach (var (metadata, document) in sets.OwnedBy(definition.Uid))
        {
            if (metadata.Labels?.TryGetValue(Labels.Shard, out var shard) == true && wanted.Add(shard) && metadata.Name == names.StatefulSet(shard))
                result.Add(Read(shard, metadata, document));
        }

        return result;
    }

    private static ShardSet Read(string shard, V1ObjectMeta metadata, Func<JsonObject> document) => metadata.DeletionTimestamp is null
        ? new(shard, new ObservedShard(shard, (int?)document()["spec"]?["replicas"] ?? 1) { Uid = metadata.Uid ?? "" }, metadata.Uid)
        : new(shard, null, null);

    /// <summary>
    /// The StatefulSets this process has made that the cache does not show: the API server is asked. One that an edit of the spec made superfluous in that moment would else be taken for
    /// gone, with the slots that its volumes still say it owns.
    /// </summary>
    private async Task AddMadeAsync(List<ShardSet> sets, ClusterDefinition definition, ResourceNames names, ClusterState state)
    {
        foreach (var (shard, pods) in state.MadeShards.ToList())
        {
            var known = sets.FindIndex(s => s.Name == shard);
            if (known >= 0 && sets[known].Shard is not null)
            {
                state.MadeShards.Remove(shard);
                continue;
            }

            var made = new ShardSet(shard, new ObservedShard(shard, pods), null);
            try
            {
                if (await owned["StatefulSet"].GetAsync(definition.Namespace, names.StatefulSet(shard), CancellationToken.None) is var (metadata, document))
                    made = Read(shard, metadata, () => document);
                else
                    state.MadeShards.Remove(shard);
            }
            catch (Exception e) when (ApiFailures.IsOne(e, CancellationToken.None))
            {
                // It was there when it was last heard of.
            }

            if (!state.MadeShards.ContainsKey(shard))
                continue;
            if (known >= 0)
                sets[known] = made;
            else
                sets.Add(made);
        }
    }

    private List<(PodView View, ObservedPod Pod, string? Container)> FindPods(ClusterDefinition definition, ResourceNames names, List<ShardSet> shards, ClusterState state)
    {
        var now = time.GetUtcNow();
        var result = new List<(PodView, ObservedPod, string?)>();
        foreach (var (shard, set, uid) in shards)
        {
            // Every ordinal the shard can have had: pods above the number wanted now are still seen while they go.
            var last = Math.Max(Entities.Rules.MaxReplicas, set?.Pods ?? 0);
            for (var ordinal = 0; ordinal <= last; ordinal++)
            {
                var name = names.Pod(shard, ordinal);
                if (pods.Get(definition.Namespace, name) is not { } pod || pod.Metadata.Labels?.TryGetValue(Labels.Cluster, out var cluster) != true || cluster != definition.Name)
                    continue;
                var nodeReady = pod.Spec?.NodeName is not { Length: > 0 } node || nodes.Get(null, node) is not { } found || found.IsReady;
                var read = PodReader.Read(pod, new PodIdentity(name, shard, ordinal), nodeReady, now);
                result.Add((pod, IsDoomed(pod, uid, state) ? read with { Terminating = true } : read, PodReader.RunningContainer(pod)));
            }
        }

        state.DeletedPods.IntersectWith(result.Select(r => r.Item2.Uid));
        return result;
    }

    /// <summary>A pod that is as good as deleted, although the cache does not show it: by this process, or with the StatefulSet that made it. One that was orphaned on purpose has no owner.</summary>
    private static bool IsDoomed(PodView pod, string? setUid, ClusterState state) =>
        state.DeletedPods.Contains(pod.Metadata.Uid ?? "") || pod.Metadata.OwnerReferences?.Any(o => o.Controller == true && o.Uid != setUid) == true;

    private async Task<List<(ObservedPod Pod, string? Container)>> FitAsync(List<(PodView View, ObservedPod Pod, string? Container)> found, ClusterDefinition definition, ClusterState state)
    {
        var wanted = PodFit.Wanted(definition);
        var text = PodFit.Text(wanted);
        var served = found.Any(f => PodFit.Differs(f.View, wanted)) ? await ServesResizeAsync() : true;
        foreach (var gone in state.RefusedResizes.Keys.Except(found.Select(f => f.Pod.Uid)).ToList())
            state.RefusedResizes.Remove(gone);
        return [.. found.Select(f => (f.Pod with
        {
            Outdated = PodFit.Outdated(f.View, definition),
            Size = PodFit.Size(f.View, wanted, served, state.RefusedResizes.GetValueOrDefault(f.Pod.Uid) == text),
            Memory = PodFit.Memory(f.View),
        }, f.Container))];
    }

    /// <summary>A shard, with its StatefulSet when there is one that stays.</summary>
    private sealed record ShardSet(string Name, ObservedShard? Shard, string? Uid);

    /// <summary>Whether pods can be resized in place; null when the API server cannot be asked now. Asked only when some pod is to be, and then once in ten minutes.</summary>
    private async Task<bool?> ServesResizeAsync()
    {
        try
        {
            return await capabilities.ServesAsync("", "v1", "pods/resize");
        }
        catch (Exception e) when (ApiFailures.IsOne(e, CancellationToken.None))
        {
            return null;
        }
    }
}
