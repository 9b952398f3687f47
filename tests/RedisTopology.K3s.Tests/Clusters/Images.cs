using RedisTopology.Testing;

namespace RedisTopology.K3s.Tests.Clusters;

/// <summary>The images that the node gets, all of them in the Docker engine.</summary>
internal sealed class Images
{
    private static readonly TimeSpan PullLimit = TimeSpan.FromMinutes(5);

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

        var images = new Images(docker, [.. new[] { K3sSettings.OperatorImage, K3sSettings.SidecarImage, K3sSettings.RedisImage, K3sSettings.RedisUpgradeImage }.OfType<string>().Distinct()]);
        foreach (var image in (string[])[K3sSettings.NodeImage, .. images.Names])
        {
            if (await images.BringAsync(image, cancel) is { } why)
                return (null, $"needs the image {image}, which is not in the engine and cannot be pulled: {why} Build ours with make images.");
        }

        return (images, "");
    }

    /// <summary>Pulls an image that is not in the engine.</summary>
    /// <returns>Null when it is there, else why it cannot be had.</returns>
    public async Task<string?> BringAsync(string image, CancellationToken cancel)
    {
        if ((await Docker.TryAsync(["image", "inspect", image], ct: cancel)).ExitCode == 0)
            return null;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(PullLimit);
        try
        {
            var pull = await Docker.TryAsync(["pull", "--quiet", image], ct: patience.Token);
            return pull.ExitCode == 0 ? null : pull.Error.Trim().Split('\n')[^1];
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return $"not within {PullLimit.TotalMinutes} minutes.";
        }
    }
}
