using RedisTopology.Testing;

namespace RedisTopology.K3s.Tests.Clusters;

/// <summary>The images that the node gets, all of them in the Docker engine.</summary>
internal sealed class Images
{
    private Images(Tool docker, IReadOnlyList<string> names) => (Docker, Names) = (docker, names);

    public Tool Docker { get; }

    public IReadOnlyList<string> Names { get; }

    /// <summary>Looks for them, and pulls what is not there.</summary>
    /// <returns>The images, or what is missing, with the remedy.</returns>
    public static async Task<(Images? Found, string Missing)> FindAsync(CancellationToken cancel)
    {
        if (Executables.TryFind("docker") is not { } path)
            return (null, "needs the docker command, to load images into the node. Install docker.io, or set REDIS_TOPOLOGY_K3S_KUBECONFIG.");
        var docker = new Tool(path);
        var version = await docker.TryAsync(["version", "--format", "{{.Server.Version}}"], ct: cancel);
        if (version.ExitCode != 0)
            return (null, $"needs a Docker engine: {version.Error.Trim()} Start one, or set REDIS_TOPOLOGY_K3S_KUBECONFIG.");

        List<string> names = [K3sSettings.OperatorImage, K3sSettings.SidecarImage, K3sSettings.RedisImage, .. K3sSettings.ExtraImages];
        if (K3sSettings.RedisUpgradeImage is { } upgrade)
            names.Add(upgrade);
        foreach (var image in (string[])[K3sSettings.NodeImage, .. names])
        {
            if ((await docker.TryAsync(["image", "inspect", image], ct: cancel)).ExitCode == 0)
                continue;
            var pull = await docker.TryAsync(["pull", "--quiet", image], ct: cancel);
            if (pull.ExitCode != 0)
                return (null, $"needs the image {image}, which is not in the engine and cannot be pulled: {pull.Error.Trim().Split('\n')[^1]} Build ours with make images.");
        }

        return (new Images(docker, [.. names.Distinct()]), "");
    }
}
