using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// Decides what to do next. A pure, total function: the same desired and observed topology always give the same plan, every
/// observation gives one, and nothing is remembered between calls, so an operator that dies at any instant is replaced by one that
/// looks and goes on.
/// </summary>
/// <remarks>
/// The stages:
/// <list type="number">
/// <item>Kubernetes: objects that differ, pods to add, role labels, and pods that are down and to be replaced anyway. These never hold up the Redis side, nor does it hold up them.</item>
/// <item>Passwords: what they are is written down, and every server that can be reached accepts those. This neither holds anything up nor is held up.</item>
/// <item>Certificates: the same for them.</item>
/// <item>Configuration: what can be changed while a server runs.</item>
/// <item>Ownership: a shard whose master is gone gets one of its replicas, or, when no copy is left, an empty master.</item>
/// <item>Migration: slots that were left half-way are finished, then the others go to the shards that are to own them.</item>
/// <item>Replicas: every other pod of a shard follows its master.</item>
/// <item>Tidying, once ownership and replicas have nothing to do: dead ids are forgotten; surplus replicas go once a surviving pod is the master, surplus shards once they are empty.</item>
/// <item>Switchover: another master where a person asks for one and nothing else is going on.</item>
/// <item>Resize and roll, in shards that none of the above changes: pods get the resources of the spec, or are replaced.</item>
/// <item>Acquaintance: every node knows every other by its present address.</item>
/// </list>
/// </remarks>
public static class TopologyPlanner
{
    /// <summary>Plans the next stage.</summary>
    /// <param name="desired">What the spec asks for.</param>
    /// <param name="observed">What is.</param>
    /// <returns>The steps that can be taken now, and what the rest waits for.</returns>
    public static TopologyPlan Plan(DesiredTopology desired, ObservedTopology observed)
    {
        var view = TopologyView.Of(observed, desired);
        var draft = new PlanDraft();
        var spec = desired;
        desired = TemporaryReplicas.Add(spec, view);
        KubernetesStage.Plan(desired, view, draft);
        RollStage.ReplaceDead(view, draft);
        PasswordStage.Plan(view, draft);
        CertificateStage.Plan(view, draft);

        if (view.Live.IsEmpty)
            return draft.Build();

        ConfigStage.Plan(view, draft);
        MaxMemoryStage.Plan(desired, view, draft);

        var halfOpen = HalfOpenSlots.Of(view);
        var targets = SlotTargets.Of(desired, view, halfOpen);
        var steps = draft.StepCount;
        OwnershipStage.Plan(desired, view, halfOpen, targets, draft);
        var healing = draft.StepCount > steps;
        MigrationStage.Plan(desired, view, halfOpen, targets, draft);
        steps = draft.StepCount;
        ForgottenStage.Plan(view, draft);
        OutlivedStage.Plan(view, draft);
        ReplicaStage.Plan(view, draft);
        healing |= draft.StepCount > steps;

        // Moving the slots of a large cluster takes hours; what else is to go does not wait for it.
        if (!healing)
        {
            TidyingStage.Plan(desired, view, draft);
            SurplusStage.Plan(view, draft);
        }

        // Before any pod is replaced: who orders a switchover by hand usually has a reason that will not wait for a roll.
        SwitchoverStage.Plan(desired, view, draft);
        ResizeStage.Plan(desired, view, draft);
        RollStage.Plan(spec, desired, view, draft);

        // Introductions hold nothing up: two nodes that cannot reach each other must not keep the rest from being healed.
        AcquaintanceStage.Plan(view, draft);
        return draft.Build();
    }
}
