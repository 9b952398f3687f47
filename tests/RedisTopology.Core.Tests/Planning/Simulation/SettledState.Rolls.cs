namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>Settled means that every pod and every server is as the spec says.</summary>
internal static partial class SettledState
{
    private static void UpToDate(SimCluster cluster, List<SimPod> pods)
    {
        foreach (var pod in pods)
        {
            Require(pod.Template.Image == cluster.Template.Image, $"{pod.Identity.Name} runs image {pod.Template.Image} in place of {cluster.Template.Image}");
            Require(pod.Memory == cluster.Template.Memory, $"{pod.Identity.Name} has {pod.Memory} bytes in place of {cluster.Template.Memory}");
            Require(pod.Server!.MaxMemory == cluster.Template.MaxMemory, $"{pod.Identity.Name} has maxmemory {pod.Server.MaxMemory} in place of {cluster.Template.MaxMemory}");
            Require(pod.Server.Policy == cluster.Policy, $"{pod.Identity.Name} has policy {pod.Server.Policy} in place of {cluster.Policy}");
        }
    }
}
