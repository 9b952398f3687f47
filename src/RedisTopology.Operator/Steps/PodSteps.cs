using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;
using RedisTopology.Core.Planning;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Observation;

namespace RedisTopology.Operator.Steps;

/// <summary>The steps that resize and replace pods.</summary>
[EntityRbac(typeof(V1Pod), Verbs = RbacVerb.Delete)]
[EntityRbac(typeof(V1Pod), Subresources = ["eviction"], Verbs = RbacVerb.Create)]
[EntityRbac(typeof(V1Pod), Subresources = ["resize"], Verbs = RbacVerb.Patch)]
internal sealed class PodSteps(
    OwnedObjectsByKind owned, IApplier applier, IKubernetesClient client, IApiCapabilities capabilities, IResourceCache<PodView> pods, EventPublisher events, ClusterMetrics metrics)
{
    /// <summary>Carries out a step, when it is one of these.</summary>
    /// <param name="step">The step.</param>
    /// <param name="run">What it works with.</param>
    /// <returns>The work; null when the step is none of these.</returns>
    public Task? Do(PlanStep step, StepRun run) => step switch
    {
        PlanStep.ResizePod resize => ResizeAsync(resize, run),
        PlanStep.RestartPod restart => RestartAsync(restart, run),
        _ => null,
    };

    private async Task ResizeAsync(PlanStep.ResizePod resize, StepRun run)
    {
        var wanted = PodFit.Wanted(run.Definition);
        var patch = new JsonObject
        {
            // The uid cannot be changed, so naming it turns a patch of a namesake created since into a conflict.
            ["metadata"] = new JsonObject { ["uid"] = resize.Uid },
            ["spec"] = new JsonObject
            {
                ["containers"] = new JsonArray(new JsonObject
                {
                    ["name"] = StatefulSetManifest.Container,
                    ["resources"] = JsonSerializer.SerializeToNode(wanted, ApiJson.Options),
                }),
            },
        };
        try
        {
            await applier.StrategicMergePatchAsync<PodView>(new ObjectKey(run.Definition.Namespace, resize.Pod), patch, "resize", run.CancellationToken);
        }
        catch (ApiException e) when (ResizeRefusal.IsFinal(e))
        {
            // The next look says that it cannot be resized.
            run.State.RefusedResizes[resize.Uid] = PodFit.Text(wanted);
            await events(run.Cluster, "ResizeRefused", $"{resize.Pod} cannot be resized in place and is to be replaced: {e.Status?.Message ?? e.Message}", EventType.Warning, run.CancellationToken);
            return;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            capabilities.Invalidate("", "v1");
            throw;
        }

        metrics.Resizes.WithLabels(run.Definition.Namespace, run.Definition.Name).Inc();
        await events(run.Cluster, "Resized", $"{resize.Pod} is resized in place to {Describe(run.Definition.Spec.Size)}", cancellationToken: run.CancellationToken);
    }

    private async Task RestartAsync(PlanStep.RestartPod restart, StepRun run)
    {
        var pod = run.Observed.Pods.FirstOrDefault(p => p.Name == restart.Pod && p.Uid == restart.Uid) ?? throw new StepOutdatedException("it is another pod by now");
        var set = new ResourceNames(run.Definition.Name).StatefulSet(pod.Shard);

        // A pod that is deleted before its StatefulSet has taken notice of the new template comes back as it was.
        if (run.Observed.StaleObjects.Contains($"StatefulSet/{set}") || !TemplateIsKnown(run, set))
            throw new StepOutdatedException($"StatefulSet {set} is not up to date yet");
        if (!restart.WhileMaster)
            await run.EnsureDispensableAsync(pod);
        var known = pods.Get(run.Definition.Namespace, restart.Pod);
        var shard = $"{Labels.Cluster}={run.Definition.Name},{Labels.Shard}={pod.Shard}";
        if (LastLook.Objection(restart, known, await client.ListAsync<PodView>(run.Definition.Namespace, shard, cancellationToken: run.CancellationToken)) is { } objection)
            throw new StepOutdatedException(objection);
        var target = new V1ObjectMeta { Name = restart.Pod, NamespaceProperty = run.Definition.Namespace, Uid = restart.Uid };
        if (known?.Metadata.DeletionTimestamp is null && await (restart.WithinBudget ? EvictAsync(target, run) : client.DeleteAsync(new PodView { Metadata = target }, cancellationToken: run.CancellationToken)))
        {
            run.State.DeletedPods.Add(restart.Uid);
            metrics.Restarts.WithLabels(run.Definition.Namespace, run.Definition.Name).Inc();
            var message = $"{restart.Pod} is replaced: {restart.Reason}" + (restart.LosesData ? $"; it was the only copy of shard {pod.Shard}, whose data is lost" : "");
            await events(run.Cluster, restart.LosesData ? "DataLost" : "PodReplaced", message, restart.LosesData ? EventType.Warning : EventType.Normal, run.CancellationToken);
        }
    }

    /// <summary>Where somebody has put another budget over the pod, the API server evicts it never: the last look has to do.</summary>
    private async Task<bool> EvictAsync(V1ObjectMeta pod, StepRun run)
    {
        try
        {
            return await client.EvictAsync(pod, run.CancellationToken);
        }
        catch (ApiException e) when (e.StatusCode == HttpStatusCode.InternalServerError && e.Status?.Message?.Contains("more than one PodDisruptionBudget", StringComparison.Ordinal) == true)
        {
            return await client.DeleteAsync(new PodView { Metadata = pod }, cancellationToken: run.CancellationToken);
        }
    }

    private bool TemplateIsKnown(StepRun run, string set)
    {
        if (owned["StatefulSet"].Find(run.Definition.Namespace, set) is not var (metadata, document))
            return false;
        var observed = (long?)document()["status"]?["observedGeneration"];
        return metadata.DeletionTimestamp is null && observed >= (metadata.Generation ?? 0);
    }

    private static string Describe(SizeSpec size) => size.Cpu is { } cpu ? $"{size.Memory} of memory and {cpu} of CPU" : $"{size.Memory} of memory";
}
