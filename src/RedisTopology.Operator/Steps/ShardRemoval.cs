using k8s.Models;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Manifests;

namespace RedisTopology.Operator.Steps;

/// <summary>
/// Removes a shard that owns nothing any more. The last look is at the servers themselves: a shard whose pods hold slots or keys, or do not say, stays.
/// </summary>
[EntityRbac(typeof(V1StatefulSet), typeof(V1PodDisruptionBudget), typeof(V1Service), Verbs = RbacVerb.Delete)]
internal sealed class ShardRemoval(OwnedObjectsByKind owned, EventPublisher events)
{
    /// <summary>Carries out a step, when it is this one.</summary>
    /// <param name="step">The step.</param>
    /// <param name="run">What it works with.</param>
    /// <returns>The work; null when the step is another.</returns>
    public Task? Do(PlanStep step, StepRun run) => step is PlanStep.RemoveShard remove ? RemoveAsync(remove.Shard, run) : null;

    private async Task RemoveAsync(string shard, StepRun run)
    {
        foreach (var pod in run.Observed.Pods.Where(p => p.Shard == shard))
        {
            // Without a label it never was part of the cluster.
            if (pod.Node is null && (pod.ConfirmedDown || pod.RoleLabel is null))
                continue;
            if (pod.Node is null || pod.Address is null)
                throw new StepOutdatedException($"{pod.Name} does not answer: it may hold keys");
            var node = await run.NodeAsync(pod.Address);
            if (!node.Slots.IsEmpty)
                throw new StepOutdatedException($"{pod.Name} owns slots");

            // A replica has nothing of its own: that of another shard's master, which the last to lose its slots may become, holds that one's keys.
            if (node.Role == NodeRole.Master && (long)await run.Session.ExecuteAsync(pod.Address, "DBSIZE") is var keys and > 0)
                throw new StepOutdatedException($"{pod.Name} holds {keys} keys");
        }

        // The StatefulSet last: as long as it is there the shard is seen, and what is left of it is removed.
        var names = new ResourceNames(run.Definition.Name);
        await DeleteAsync("Service", names.ShardService(shard), "Background", run);
        await DeleteAsync("PodDisruptionBudget", names.DisruptionBudget(shard), "Background", run);

        // In the foreground: it stays until its pods are gone, and a shard of the same name that is wanted again is not mixed up with this one.
        if (await DeleteAsync("StatefulSet", names.StatefulSet(shard), "Foreground", run))
            await events(run.Cluster, "ShardRemoved", $"Shard {shard} owns no slots and holds no keys: it is removed", cancellationToken: run.CancellationToken);
    }

    private async Task<bool> DeleteAsync(string kind, string name, string propagation, StepRun run)
    {
        if (owned[kind].Find(run.Definition.Namespace, name) is not var (metadata, _) || metadata.DeletionTimestamp is not null)
            return false;
        if (metadata.OwnerReferences?.Any(o => o.Controller == true && o.Uid == run.Definition.Uid) != true)
            return false;
        await owned[kind].DeleteAsync(metadata, propagation, run.CancellationToken);
        return true;
    }
}
