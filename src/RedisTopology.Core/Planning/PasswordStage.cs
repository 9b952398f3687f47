using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// Every server accepts the passwords that are written down and no other. One step of a change at a time: it is written down, then the servers follow, and only once they have can the
/// next be due. What the next step is, is decided where the passwords are known.
/// </summary>
internal static class PasswordStage
{
    public static void Plan(TopologyView view, PlanDraft draft)
    {
        if (view.Observed.PasswordChange is { } change)
            draft.Do(new PlanStep.RecordPasswords(change));
        foreach (var pod in view.Observed.Pods.Where(p => p is { PasswordsDiffer: true, Address: not null }))
            draft.Do(new PlanStep.SetPasswords(pod.Name, pod.Address!));
    }
}
