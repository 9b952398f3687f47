using System.Collections.Immutable;
using System.Text.Json;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Cluster;

/// <summary>
/// Which spec is acted on: the present one when it is valid, else the last valid one, which is kept on the cluster's ConfigMap and, for the case that somebody deletes that, on its headless Service. A mistake in a spec is
/// reported and leaves the data plane as it is, healing included.
/// </summary>
internal sealed class SpecAcceptance(OwnedObjectsByKind owned)
{
    /// <summary>Decides.</summary>
    /// <param name="cluster">The entity.</param>
    /// <param name="state">What is kept of it.</param>
    /// <returns>What to act on, null when there never was a valid spec; and what is wrong with the present one.</returns>
    public (ClusterDefinition? Definition, ImmutableArray<Manifest> Manifests, ImmutableArray<string> Errors) Decide(CacheCluster cluster, ClusterState state)
    {
        if (state.AcceptedSpec is null && ReadAccepted(cluster) is var (spec, former))
            (state.AcceptedSpec, state.FormerSettings) = (spec, former);
        var generation = cluster.Metadata.Generation ?? 0;
        if (state.Built is { } built && built.Generation == generation)
            return (built.Definition, built.Manifests, RefusedBy(state));

        var (definition, errors) = SpecValidator.Validate(cluster, state.AcceptedSpec);
        if (definition is not null)
        {
            var now = definition.Spec.Config?.Keys ?? [];
            state.FormerSettings = state.FormerSettings.Union(state.AcceptedSpec?.Config?.Keys ?? []).Except(now);
            foreach (var gone in state.RefusedSettings.Keys.Where(r => definition.Spec.Config?.TryGetValue(r.Name, out var value) != true || value != r.Value).ToList())
                state.RefusedSettings.TryRemove(gone, out _);
            state.AcceptedSpec = cluster.Spec;
            state.Built = Build(generation, definition, cluster.Spec, state);
            return (state.Built.Value.Definition, state.Built.Value.Manifests, RefusedBy(state));
        }

        if (state.AcceptedSpec is null)
            return (null, [], errors);
        if (state.Built is null)
        {
            // This process has only seen the invalid spec: the accepted one stands in, under no generation of its own.
            var standIn = new CacheCluster { Metadata = cluster.Metadata, Spec = state.AcceptedSpec };
            if (SpecValidator.Validate(standIn, null).Definition is not { } accepted)
                return (null, [], errors);
            state.Built = Build(-1, accepted, state.AcceptedSpec, state);
        }

        return (state.Built.Value.Definition, state.Built.Value.Manifests, errors);
    }

    private static (long Generation, ClusterDefinition Definition, ImmutableArray<Manifest> Manifests) Build(long generation, ClusterDefinition definition, CacheClusterSpec spec, ClusterState state)
    {
        definition = definition with { Authorities = state.Authorities, FormerSettings = state.FormerSettings, RefusedSettings = [.. state.RefusedSettings.Keys.Select(r => r.Name)] };
        return (generation, definition, ClusterManifests.Build(definition, JsonSerializer.Serialize(spec, ApiJson.Options)));
    }

    /// <summary>Values the validator took and the servers did not.</summary>
    private static ImmutableArray<string> RefusedBy(ClusterState state) =>
        [.. state.RefusedSettings.OrderBy(r => r.Key).Select(r => $"spec.config: the servers refuse \"{r.Key.Value}\" for \"{r.Key.Name}\" and keep the former value: {r.Value}")];

    // The ConfigMap is applied first: where they differ, it is the newer one.
    private (CacheClusterSpec Spec, ImmutableSortedSet<string> Former)? ReadAccepted(CacheCluster cluster)
    {
        var names = new ResourceNames(cluster.Metadata.Name);
        return ReadAccepted(cluster, "ConfigMap", names.ConfigMap) ?? ReadAccepted(cluster, "Service", names.NodesService);
    }

    private (CacheClusterSpec Spec, ImmutableSortedSet<string> Former)? ReadAccepted(CacheCluster cluster, string kind, string name)
    {
        if (owned[kind].Find(cluster.Metadata.NamespaceProperty, name) is not var (metadata, document) || metadata.OwnerReferences?.Any(o => o.Uid == cluster.Metadata.Uid) != true)
            return null;
        try
        {
            var annotations = document()["metadata"]?["annotations"];
            if ((string?)annotations?[Labels.AcceptedSpec] is not { } text || JsonSerializer.Deserialize<CacheClusterSpec>(text, ApiJson.Options) is not { } spec)
                return null;
            return (spec, [.. ((string?)annotations[Labels.FormerSettings])?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? []]);
        }
        catch (JsonException)
        {
            // Edited by hand: as if it had never been there.
            return null;
        }
    }
}
