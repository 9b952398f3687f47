using k8s.Models;
using RedisTopology.Testing.Kubelet.Runtime;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>From a pod's container and its image to what the runtime starts.</summary>
internal static class ContainerSpecs
{
    /// <summary>Builds it. Throws <see cref="PodConfigException"/> when runAsNonRoot meets root.</summary>
    public static ContainerSpec Build(V1Pod pod, V1Container container, ContainerImage image, IReadOnlyDictionary<string, string> environment, List<ContainerMount> mounts, string podIp)
    {
        var own = container.SecurityContext;
        var shared = pod.Spec.SecurityContext;
        var user = own?.RunAsUser ?? shared?.RunAsUser ?? image.User;
        if (user == 0 && (own?.RunAsNonRoot ?? shared?.RunAsNonRoot) == true)
            throw new PodConfigException("CreateContainerConfigError", "container has runAsNonRoot and image will run as root");
        var group = own?.RunAsGroup ?? shared?.RunAsGroup ?? 0;
        List<long> groups = [.. (shared?.SupplementalGroups ?? []).OfType<long>()];
        if (shared?.FsGroup is { } fsGroup)
            groups.Add(fsGroup);
        var name = pod.Spec.Hostname ?? pod.Name();
        return new ContainerSpec
        {
            RootFs = image.RootFs,
            Command = Words(container, image).Select(word => VariableExpansion.Expand(word, environment)).ToList(),
            Environment = environment,
            Mounts = mounts,
            WorkingDirectory = container.WorkingDir is { Length: > 0 } folder ? folder : "/",
            User = user,
            Group = group,
            SupplementalGroups = groups,
            ReadOnlyRoot = own?.ReadOnlyRootFilesystem == true,
            DropCapabilities = own?.Capabilities?.Drop?.Contains("ALL") == true,
            NoNewPrivileges = own?.AllowPrivilegeEscalation == false,
            HostsFile = $"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n{podIp}\t{(pod.Spec.Subdomain is { Length: > 0 } sub ? $"{name}.{sub}.{pod.Namespace()}.svc.cluster.local\t" : "")}{name}\n",
        };
    }

    /// <summary>BestEffort, Burstable or Guaranteed.</summary>
    public static string QosClass(V1Pod pod)
    {
        var all = pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []).Select(c => c.Resources).ToList();
        if (all.All(r => r is null || ((r.Requests?.Count ?? 0) == 0 && (r.Limits?.Count ?? 0) == 0)))
            return "BestEffort";
        var guaranteed = all.All(r => r?.Limits is { } limits && new[] { "cpu", "memory" }.All(name =>
            limits.TryGetValue(name, out var limit) && (r.Requests is null || !r.Requests.TryGetValue(name, out var request) || request.ToDecimal() == limit.ToDecimal())));
        return guaranteed ? "Guaranteed" : "Burstable";
    }

    // A command replaces entrypoint and default arguments; args alone replace the default arguments.
    private static IEnumerable<string> Words(V1Container container, ContainerImage image)
    {
        if (container.Command is { Count: > 0 } command)
            return command.Concat(container.Args ?? []);
        return image.Entrypoint.Concat(container.Args is { Count: > 0 } args ? args : image.Command);
    }
}
