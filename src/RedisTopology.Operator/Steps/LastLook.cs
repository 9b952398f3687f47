using RedisTopology.Core.Planning;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Observation;

namespace RedisTopology.Operator.Steps;

/// <summary>The last look before a pod is replaced, or its role is taken away, at the API server itself: a cache may not show yet what this operator, or another, did a moment ago.</summary>
internal static class LastLook
{
    /// <summary>Why the pod is not to be replaced after all.</summary>
    /// <param name="restart">The step.</param>
    /// <param name="known">The pod as the plan knew it, from the cache.</param>
    /// <param name="live">The pods of its shard, as the API server has them now.</param>
    /// <returns>The reason, or null.</returns>
    public static string? Objection(PlanStep.RestartPod restart, PodView? known, IEnumerable<PodView> live)
    {
        foreach (var pod in live)
        {
            if (pod.Metadata.Name != restart.Pod)
            {
                // What is down need not wait for others that are.
                if (!restart.WhileDown && pod.Metadata.DeletionTimestamp is not null)
                    return $"{pod.Metadata.Name} is being deleted";
            }
            else if (pod.Metadata.Uid != restart.Uid)
            {
                return "it is another pod by now";
            }
            else if (restart.WhileDown && (PodReader.IsReady(pod) || RunsAgain(known, pod)))
            {
                return "it runs again";
            }
            else if (restart.WhileUnready && PodReader.IsHealthy(pod))
            {
                return "it is ready by now";
            }
        }

        return null;
    }

    /// <summary>
    /// Whether a pod's server has been started since the plan was made: a master that is back with its data must not be taken over from. One that the cache shows to run as well
    /// is another matter: it runs under another identity, or on a machine that is lost.
    /// </summary>
    /// <param name="known">The pod as the plan knew it, from the cache.</param>
    /// <param name="live">The pod as the API server has it now.</param>
    /// <returns>True when it has.</returns>
    public static bool RunsAgain(PodView? known, PodView? live) =>
        live is not null && PodReader.RunningContainer(live) is { } container && (known is null || container != PodReader.RunningContainer(known));
}
