using RedisTopology.Core.Planning;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>What must hold whenever a pod is replaced or resized.</summary>
internal sealed partial class Invariants
{
    public void Restarting(SimCluster cluster, SimPod pod, PlanStep.RestartPod step)
    {
        var name = pod.Identity.Name;
        if (step.WhileMaster && (!cluster.Lacks || cluster.ShardOf(pod.Identity.Shard).Replicas > 0))
            throw new SimulationException($"{name} is replaced while it is the master although another pod could take over");
        if (step.LosesData)
        {
            cluster.GiveUp(pod.Identity.Shard);
            pod.Server?.GivenUp = true;
        }

        if (step.WhileMaster || pod.Server is not { Running: true, Loading: false } server)
            return;
        if (server.Claims != 0 && server.OperatorCutUntil <= world.Now)
            throw new SimulationException($"{name} is replaced while it is the master");
        if (server.LinkUp && cluster.Kubernetes.TakenDown(pod.Identity.Shard).FirstOrDefault(n => n != name) is { } down)
            throw new SimulationException($"{name} is replaced while {down}, replaced before, is not back");
        if (cluster.Kubernetes.TriedFirst().FirstOrDefault(n => n != name) is { } first)
            throw new SimulationException($"{name} is replaced before {first}, replaced before, has shown that what the spec says works");
        if (!world.Planned)
            return;

        // Those of another shard count: a key that has just been moved away is still in the replicas of the shard it left.
        var others = cluster.Servers.Where(s => s != server).SelectMany(s => s.Keys).ToHashSet();
        if (!server.Keys.All(k => others.Contains(k) || world.WasDeleted(k)))
            throw new SimulationException($"{name} is replaced and holds keys that no other pod holds");
    }

    /// <summary>No container is given less memory than its server holds, or may hold.</summary>
    public static void Resized(SimPod pod)
    {
        if (pod.Server is { Running: true } server && (server.MaxMemory > pod.ResizeTo || server.UsedMemory > pod.ResizeTo))
            throw new SimulationException($"{pod.Identity.Name} gets {pod.ResizeTo} bytes where its server has maxmemory {server.MaxMemory} and uses {server.UsedMemory}");
    }

    /// <summary>No server may hold more than its container.</summary>
    public static void Allowed(SimPod pod, long maxMemory)
    {
        if (maxMemory > pod.Memory)
            throw new SimulationException($"{pod.Identity.Name} gets maxmemory {maxMemory} with {pod.Memory} bytes of memory");
    }

    /// <summary>In a planned change a master hands over; nobody has to be elected, and nobody takes over.</summary>
    private static void PromotedAsPlanned(RedisServer server, string by)
    {
        if (by != "agreement" && !server.Cluster.Lacks)
            throw new SimulationException($"{server.Pod.Name} is promoted by {by} in a planned change");
    }
}
