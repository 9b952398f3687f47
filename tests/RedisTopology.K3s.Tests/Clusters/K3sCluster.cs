using DotNet.Testcontainers.Configurations;
using RedisTopology.Testing;
using Testcontainers.K3s;

namespace RedisTopology.K3s.Tests.Clusters;

/// <summary>One node of k3s in a container. It reaches no registry for our images: they are saved from the engine, copied and imported.</summary>
internal sealed class K3sCluster : IKubernetesCluster
{
    private readonly K3sContainer _container;

    private K3sCluster(K3sContainer container, string kubeconfig) => (_container, Kubeconfig) = (container, kubeconfig);

    public string Kubeconfig { get; }

    /// <summary>Starts it with the images of the settings; needs them in the engine, see <see cref="Images"/>.</summary>
    public static async Task<K3sCluster> StartAsync(Images images, TestDirectory directory, Action<string> say, CancellationToken cancel)
    {
        // The reaper is one more image to be had; the container ends with this class.
        TestcontainersSettings.ResourceReaperEnabled = false;
        var container = new K3sBuilder(K3sSettings.NodeImage).Build();
        try
        {
            await container.StartAsync(cancel);
            say($"the node runs: {K3sSettings.NodeImage}");
            foreach (var image in images.Names)
            {
                await LoadAsync(container, images.Docker, image, directory, cancel);
                say($"loaded {image}");
            }

            await File.WriteAllTextAsync(directory["kubeconfig"], await container.GetKubeconfigAsync(), cancel);
            return new K3sCluster(container, directory["kubeconfig"]);
        }
        catch (Exception e)
        {
            var (output, error) = await container.GetLogsAsync(ct: CancellationToken.None);
            await container.DisposeAsync();
            throw new InvalidOperationException($"{K3sSettings.NodeImage}: {e.Message}\nIts log ends with:\n{Tail(output + error)}", e);
        }
    }

    public ValueTask DisposeAsync() => _container.DisposeAsync();

    private static async Task LoadAsync(K3sContainer container, Tool docker, string image, TestDirectory directory, CancellationToken cancel)
    {
        var archive = directory["image.tar"];
        await docker.RunAsync(["save", "--output", archive, image], ct: cancel);
        await docker.RunAsync(["cp", archive, $"{container.Id}:/image.tar"], ct: cancel);
        File.Delete(archive);
        var result = await container.ExecAsync(["sh", "-c", "ctr -n k8s.io images import /image.tar && rm /image.tar"], cancel);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"ctr images import of {image} ended with {result.ExitCode}: {result.Stderr}{result.Stdout}");
    }

    private static string Tail(string log) => string.Join('\n', log.Split('\n').TakeLast(40));
}
