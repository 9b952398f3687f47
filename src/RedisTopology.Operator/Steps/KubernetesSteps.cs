using System.Text.Json.Nodes;
using k8s.Models;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Status;
using RedisTopology.Operator.Volumes;

namespace RedisTopology.Operator.Steps;

/// <summary>The steps that write to Kubernetes.</summary>
[EntityRbac(typeof(V1Pod), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Patch)]
[EntityRbac(typeof(V1StatefulSet), typeof(V1PodDisruptionBudget), typeof(V1Service), typeof(V1ConfigMap), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Create | RbacVerb.Patch)]
internal sealed class KubernetesSteps(OwnedObjectsByKind owned, IApplier applier, IKubernetesClient client, IResourceCache<PodView> pods, Claims claims, EventPublisher events)
{
    /// <summary>Whether a step is one of these: they go on when Redis does not answer.</summary>
    /// <param name="step">The step.</param>
    /// <returns>True when it is.</returns>
    public static bool Has(PlanStep step) => step is PlanStep.ApplyObjects or PlanStep.ScaleShard or PlanStep.LabelPod or PlanStep.ResizePod;

    /// <summary>Carries out a step, when it is one of these.</summary>
    /// <param name="step">The step.</param>
    /// <param name="run">What it works with.</param>
    /// <returns>The work; null when the step is none of these.</returns>
    public Task? Do(PlanStep step, StepRun run) => step switch
    {
        PlanStep.ApplyObjects apply => ApplyAsync(apply, run),
        PlanStep.ScaleShard scale => ScaleAsync(scale, run),
        PlanStep.LabelPod label => LabelAsync(label, run),
        _ => null,
    };

    private async Task ApplyAsync(PlanStep.ApplyObjects apply, StepRun run)
    {
        var repaired = new List<string>();
        foreach (var manifest in run.Manifests.Where(m => apply.Objects.Contains(m.Id)))
        {
            var document = manifest.Document;
            if (manifest.Kind == "StatefulSet")
            {
                // Applying a StatefulSet never changes its number of pods: that is a step of its own. The cache may still hold the number before such a step.
                var live = await owned[manifest.Kind].GetAsync(run.Definition.Namespace, manifest.Name, run.CancellationToken);
                if (live is var (metadata, found) && await IsRecreatedAsync(document, metadata, found, run))
                    continue;

                // One of a shard that is to go was removed in between.
                var shard = ShardOf(manifest.Name, run);
                if (live is null && shard is null)
                    continue;
                document = WithPods(document, PodsIn(live?.Document) ?? PodsOf(manifest.Name, run));
                if (live is null)
                    run.State.MadeShards[shard!.Name] = PodsIn(document)!.Value;
            }

            if (await ApplyOwnAsync(manifest, document, run))
                repaired.Add(manifest.Id);
        }

        await claims.ApplyAsync(apply.Objects, run);
        if (repaired.Count > 0)
            await events(run.Cluster, "ObjectsApplied", $"Applied {Conditions.Names(repaired)}", cancellationToken: run.CancellationToken);
    }

    /// <summary>
    /// The templates of claims cannot be changed. The StatefulSet goes, its pods stay and run on, and at the next look it is missing and made anew: it finds its pods by
    /// their labels.
    /// </summary>
    private async Task<bool> IsRecreatedAsync(JsonObject wanted, V1ObjectMeta live, JsonObject found, StepRun run)
    {
        const string Templates = "volumeClaimTemplates";
        if (live.DeletionTimestamp is not null)
            return true;
        if (wanted["spec"]?[Templates] is not { } templates || !ManifestDiff.NeedsApply(templates, found["spec"]?[Templates]))
            return false;
        NameTakenException.ThrowIfTaken(live, $"StatefulSet/{live.Name}", run.Definition);
        await owned["StatefulSet"].DeleteAsync(live, "Orphan", run.CancellationToken);
        await events(run.Cluster, "StatefulSetRecreated", $"StatefulSet {live.Name} is made anew for its volumes to be as the spec says; its pods run on", cancellationToken: run.CancellationToken);
        return true;
    }

    /// <summary>The number of pods of a StatefulSet that is made anew: those that exist are not to be removed by the way.</summary>
    private static int PodsOf(string set, StepRun run)
    {
        var shard = ShardOf(set, run)!;
        return run.Observed.Pods.Where(p => p.Shard == shard.Name && !p.Terminating).Select(p => p.Ordinal + 1).Append(shard.Pods).Max();
    }

    /// <summary>The shard of a StatefulSet; null when the spec does not name it.</summary>
    private static DesiredShard? ShardOf(string set, StepRun run) =>
        run.Definition.Topology.Shards.FirstOrDefault(s => new ResourceNames(run.Definition.Name).StatefulSet(s.Name) == set);

    private async Task ScaleAsync(PlanStep.ScaleShard scale, StepRun run)
    {
        var names = new ResourceNames(run.Definition.Name);
        var current = run.Observed.Shards.First(s => s.Name == scale.Shard).Pods;
        for (var ordinal = scale.Pods; ordinal < current; ordinal++)
        {
            // The last look before a pod goes: what became the master since the plan was made stays.
            var pod = run.Observed.Pods.FirstOrDefault(p => p.Name == names.Pod(scale.Shard, ordinal));
            if (pod is not null)
                await run.EnsureDispensableAsync(pod);
        }

        // Nor do those go to whom the master is about to hand over, which the cache may not show yet.
        if (scale.Master is { } master && await client.GetAsync<PodView>(master, run.Definition.Namespace, run.CancellationToken) is not { Metadata.DeletionTimestamp: null })
            throw new StepOutdatedException($"{master} is being deleted");

        var manifest = run.Manifests.First(m => m.Kind == "StatefulSet" && m.Name == names.StatefulSet(scale.Shard));
        if (PodsIn((await owned[manifest.Kind].GetAsync(run.Definition.Namespace, manifest.Name, run.CancellationToken))?.Document) is { } now && now != current)
            throw new ApiConflictException(null, $"the cache says {current} pods, the API server {now}");
        await ApplyOwnAsync(manifest, WithPods(manifest.Document, scale.Pods), run);
        await events(run.Cluster, scale.Pods > current ? "ScaledOut" : "ScaledIn", $"Shard {scale.Shard} goes from {current} to {scale.Pods} pods", cancellationToken: run.CancellationToken);
    }

    private async Task<bool> ApplyOwnAsync(Manifest manifest, JsonObject document, StepRun run)
    {
        var kind = owned[manifest.Kind];
        var live = kind.Find(run.Definition.Namespace, manifest.Name)?.Metadata ?? (await kind.GetAsync(run.Definition.Namespace, manifest.Name, run.CancellationToken))?.Metadata;
        NameTakenException.ThrowIfTaken(live, manifest.Id, run.Definition);
        await kind.ApplyAsync(document, run.CancellationToken);
        return live is not null || run.Cluster.Status.ObservedGeneration is not null;
    }

    private static int? PodsIn(JsonObject? statefulSet) => (int?)statefulSet?["spec"]?["replicas"];

    private async Task LabelAsync(PlanStep.LabelPod label, StepRun run)
    {
        if (pods.Get(run.Definition.Namespace, label.Pod) is not { } pod)
            throw new ApiConflictException(null, "the pod is gone");
        var value = label.Role is { } role ? Labels.RoleValue(role) : null;
        await applier.PatchLabelsAsync(pod, new Dictionary<string, string?> { [Labels.Role] = value }, run.CancellationToken);
    }

    private static JsonObject WithPods(JsonObject document, int count)
    {
        document["spec"]!["replicas"] = count;
        return document;
    }
}
