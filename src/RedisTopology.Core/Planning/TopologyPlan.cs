using System.Collections.Immutable;

namespace RedisTopology.Core.Planning;

/// <summary>
/// The next stage towards a desired topology: every step that can be taken on what is known now, in order, and what the rest is waiting for. It
/// never looks further ahead than the observation reaches: after a stage comes a new observation and a new plan.
/// </summary>
/// <param name="Steps">The steps, in the order they are to be carried out. Steps on Kubernetes objects come before steps on Redis.</param>
/// <param name="Waits">What is being waited for, and why; empty when the topology is as desired once the steps are done.</param>
public sealed record TopologyPlan(ImmutableArray<PlanStep> Steps, ImmutableArray<PlanWait> Waits)
{
    /// <summary>When to look again at the latest, because something is due then; null when nothing is.</summary>
    public TimeSpan? LookIn { get; init; }

    /// <summary>Nothing to do and nothing to wait for: the topology is as desired.</summary>
    public bool IsSettled => Steps.IsEmpty && Waits.IsEmpty;
}
