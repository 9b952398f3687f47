using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Steps;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Volumes;

/// <summary>
/// The claims of a cluster's volumes. StatefulSets make them and never touch them again: that they grow, that they go with the cluster or outlive it, and that those of pods
/// that are gone for good are removed, is seen to here. They are objects to be applied like any other, to the planner.
/// </summary>
[EntityRbac(typeof(V1PersistentVolumeClaim), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Patch | RbacVerb.Delete)]
[EntityRbac(typeof(V1StorageClass), Verbs = RbacVerb.Get)]
internal sealed class Claims(
    IResourceCache<ClaimView> claims, IResourceCache<PodView> pods, OwnedObjectsByKind owned, IKubernetesClient client, IApplier applier, EventPublisher events, TimeProvider time)
{
    /// <summary>How long an answer about a storage class holds. Somebody may follow the advice and allow expansion.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(1);

    private const string Prefix = "PersistentVolumeClaim/";

    /// <summary>Looks at the claims. No request, but when one is to grow: then its storage class is asked about, at most once a minute.</summary>
    /// <param name="definition">The cluster.</param>
    /// <param name="shards">Its StatefulSets.</param>
    /// <param name="state">What is kept of it; gets what is wrong with volumes.</param>
    /// <returns>Those that are not as they should be, as <c>Kind/name</c>.</returns>
    public async Task<ImmutableArray<string>> CheckAsync(ClusterDefinition definition, IReadOnlyCollection<ObservedShard> shards, ClusterState state)
    {
        if (!definition.Topology.PersistsData)
            return [];
        var stale = ImmutableArray.CreateBuilder<string>();
        var stuck = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (claim, shard, ordinal) in Of(definition, shards))
        {
            var wanted = IsWanted(definition, shards, shard, ordinal);
            var grows = !ClaimRules.IsSmall(claim, definition) || await GrowsAsync(claim, state);
            if (ClaimRules.Decide(claim, definition, wanted, grows) != ClaimWork.None)
                stale.Add(Prefix + claim.Metadata.Name);
            if (wanted && !grows)
                stuck.Add(claim.Spec?.StorageClassName is { Length: > 0 } name ? name : "none");
        }

        state.VolumeProblem = stuck.Count == 0
            ? null
            : $"spec.persistence.storage.size: the volumes cannot grow, since StorageClass {string.Join(", ", stuck)} has no allowVolumeExpansion: allow it there, or create a new CacheCluster with larger volumes; pods to come get the new size";
        return stale.ToImmutable();
    }

    /// <summary>Puts the claims among some objects right.</summary>
    /// <param name="objects">Objects, as <c>Kind/name</c>.</param>
    /// <param name="run">What is worked with.</param>
    public async Task ApplyAsync(ImmutableArray<string> objects, StepRun run)
    {
        foreach (var (claim, shard, ordinal) in Of(run.Definition, run.Observed.Shards).Where(c => objects.Contains(Prefix + c.Claim.Metadata.Name)))
        {
            var grows = !ClaimRules.IsSmall(claim, run.Definition) || await GrowsAsync(claim, run.State);
            switch (ClaimRules.Decide(claim, run.Definition, IsWanted(run.Definition, run.Observed.Shards, shard, ordinal), grows))
            {
                case ClaimWork.Apply:
                    await ApplyAsync(claim, grows, run);
                    break;
                case ClaimWork.Delete:
                    await DeleteAsync(claim, shard, ordinal, run);
                    break;
                case ClaimWork.None:
                    break;
            }
        }
    }

    private async Task ApplyAsync(ClaimView claim, bool grows, StepRun run)
    {
        var metadata = new JsonObject { ["name"] = claim.Metadata.Name, ["namespace"] = run.Definition.Namespace };
        if (run.Definition.Spec.Persistence.Storage.Reclaim == Entities.ReclaimPolicy.Delete)
            metadata["ownerReferences"] = new JsonArray(JsonSerializer.SerializeToNode(ClusterManifests.Owner(run.Definition), ApiJson.Options));
        var size = ClaimRules.SizeToAsk(claim, run.Definition, grows);
        var document = new JsonObject
        {
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = size } } },
        };
        await applier.ApplyAsync<ClaimView>(document, cancellationToken: run.CancellationToken);
        if (grows && ClaimRules.IsSmall(claim, run.Definition))
            await events(run.Cluster, "VolumeGrows", $"{claim.Metadata.Name} is to grow to {size}", cancellationToken: run.CancellationToken);
    }

    private async Task DeleteAsync(ClaimView claim, string shard, int ordinal, StepRun run)
    {
        // The last look is at the API server itself: what the caches have not heard of yet stays.
        var names = new ResourceNames(run.Definition.Name);
        if (await client.GetAsync<PodView>(names.Pod(shard, ordinal), run.Definition.Namespace, run.CancellationToken) is not null)
            throw new StepOutdatedException($"pod {names.Pod(shard, ordinal)} exists");
        var set = await owned["StatefulSet"].GetAsync(run.Definition.Namespace, names.StatefulSet(shard), run.CancellationToken);
        if (((int?)set?.Document["spec"]?["replicas"] ?? 0) > ordinal)
            throw new StepOutdatedException($"StatefulSet {names.StatefulSet(shard)} asks for pod {ordinal}");
        if (await client.DeleteAsync(claim, cancellationToken: run.CancellationToken))
            await events(run.Cluster, "VolumeDeleted", $"{claim.Metadata.Name} is deleted: its pod is gone for good, and spec.persistence.storage.reclaim is Delete", cancellationToken: run.CancellationToken);
    }

    /// <summary>The claims of the pods the shards have or may have had, and those that are the cluster's own by owner reference: of shards that are gone.</summary>
    private IEnumerable<(ClaimView Claim, string Shard, int Ordinal)> Of(ClusterDefinition definition, IReadOnlyCollection<ObservedShard> shards)
    {
        var names = new ResourceNames(definition.Name);
        var seen = new HashSet<string>();
        foreach (var shard in definition.Topology.Shards.Select(s => s.Name).Union(shards.Select(s => s.Name)))
        {
            var last = Math.Max(Entities.Rules.MaxReplicas, shards.FirstOrDefault(s => s.Name == shard)?.Pods ?? 0);
            for (var ordinal = 0; ordinal <= last; ordinal++)
            {
                if (claims.Get(definition.Namespace, names.Claim(shard, ordinal)) is { } claim && IsOf(claim, definition) && seen.Add(claim.Metadata.Name))
                    yield return (claim, shard, ordinal);
            }
        }

        foreach (var claim in claims.OwnedBy(definition.Uid).Where(c => IsOf(c, definition) && !seen.Contains(c.Metadata.Name)))
        {
            if (claim.Metadata.Labels.TryGetValue(Labels.Shard, out var shard)
                && int.TryParse(claim.Metadata.Name.AsSpan(claim.Metadata.Name.LastIndexOf('-') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal)
                && claim.Metadata.Name == names.Claim(shard, ordinal))
                yield return (claim, shard, ordinal);
        }
    }

    private static bool IsOf(ClaimView claim, ClusterDefinition definition) => claim.Metadata.Labels?.TryGetValue(Labels.Cluster, out var cluster) == true && cluster == definition.Name;

    private bool IsWanted(ClusterDefinition definition, IReadOnlyCollection<ObservedShard> shards, string shard, int ordinal) =>
        definition.Topology.Shards.Any(s => s.Name == shard && ordinal < s.Pods)
        || shards.Any(s => s.Name == shard && ordinal < s.Pods)
        || pods.Get(definition.Namespace, new ResourceNames(definition.Name).Pod(shard, ordinal)) is not null;

    private async Task<bool> GrowsAsync(ClaimView claim, ClusterState state)
    {
        if (claim.Spec?.StorageClassName is not { Length: > 0 } name)
            return false;
        var now = time.GetUtcNow();
        if (state.GrowingClasses.TryGetValue(name, out var known) && now - known.Asked < Freshness)
            return known.Grows;
        try
        {
            var grows = (await client.GetAsync<V1StorageClass>(name))?.AllowVolumeExpansion == true;
            state.GrowingClasses[name] = (grows, now);
            return grows;
        }
        catch (Exception e) when (ApiFailures.IsOne(e))
        {
            // Not known is as good as no for now: nothing is done, and it is asked again at the next look.
            return false;
        }
    }
}
