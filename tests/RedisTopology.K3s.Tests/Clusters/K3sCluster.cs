using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using Microsoft.Extensions.Logging.Abstractions;
using RedisTopology.Testing;
using Testcontainers.K3s;

namespace RedisTopology.K3s.Tests.Clusters;

/// <summary>One node of k3s in a container. What it runs is saved from the engine, copied and imported: it need not reach a registry.</summary>
internal sealed partial class K3sCluster : IKubernetesCluster
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);

    private readonly K3sContainer _container;
    private readonly Images _images;
    private readonly TestDirectory _directory;
    private readonly Action<string> _say;
    private readonly PosixSignalRegistration _signal;

    private K3sCluster(K3sContainer container, Images images, TestDirectory directory, Action<string> say)
    {
        (_container, _images, _directory, _say) = (container, images, directory, say);
        // A run that is told to end leaves no node behind.
        _signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Remove());
    }

    public string Kubeconfig => _directory["kubeconfig"];

    /// <summary>Starts it with the images of the settings; needs them in the engine, see <see cref="Images"/>.</summary>
    /// <exception cref="InvalidOperationException">It did not; says what the node's pods and its log say.</exception>
    public static async Task<K3sCluster> StartAsync(Images images, TestDirectory directory, Action<string> say, CancellationToken cancel)
    {
        await PrepareClientAsync(images.Docker, cancel);
        var container = new K3sBuilder(K3sSettings.NodeImage)
            // Nothing here uses them, and each is an image to be had.
            .WithCommand("--disable=metrics-server", "--disable=servicelb", "--disable=local-storage")
            // Asked of the API: the lines of the log change with the version.
            .WithWaitStrategy(Wait.ForUnixContainer().UntilCommandIsCompleted("kubectl get nodes | grep -qw Ready", w => w.WithTimeout(StartLimit).WithInterval(TimeSpan.FromSeconds(1))))
            // It would tell of every question.
            .WithLogger(NullLogger.Instance)
            .Build();
        var cluster = new K3sCluster(container, images, directory, say);
        try
        {
            await container.StartAsync(cancel);
            say($"the node is ready: {K3sSettings.NodeImage}");
            // By whatever name the engine is reached, the certificate is for localhost.
            var kubeconfig = await container.GetKubeconfigAsync();
            await File.WriteAllTextAsync(cluster.Kubeconfig, ServerLine().Replace(kubeconfig, "$1$2\n$1tls-server-name: localhost"), cancel);
            await cluster.LoadAllAsync(cancel);
            await cluster.SystemReadyAsync(cancel);
            return cluster;
        }
        catch (Exception e)
        {
            var seen = await cluster.DescribeAsync();
            await cluster.DisposeAsync();
            throw new InvalidOperationException($"{K3sSettings.NodeImage}: {e.Message}\n{seen}", e);
        }
    }

    /// <summary>The pods and events of the whole node, and the end of its log.</summary>
    public async Task<string> DescribeAsync()
    {
        var text = "";
        try
        {
            foreach (var what in (string[])["get pods,events -A -o wide", "describe nodes"])
            {
                var result = await _container.ExecAsync(["sh", "-c", $"kubectl {what}"]);
                text += $"$ kubectl {what}\n{result.Stdout}{result.Stderr}\n";
            }
        }
        catch (Exception e)
        {
            text += $"{e.Message}\n";
        }

        try
        {
            var (output, error) = await _container.GetLogsAsync(timestampsEnabled: false);
            text += $"The node's log ends with:\n{string.Join('\n', (output + error).Split('\n').TakeLast(60))}";
        }
        catch (Exception e)
        {
            text += $"No log of the node: {e.Message}";
        }

        return text;
    }

    public async ValueTask DisposeAsync()
    {
        _signal.Dispose();
        await _container.DisposeAsync();
    }

    private static async Task PrepareClientAsync(Tool docker, CancellationToken cancel)
    {
        // Testcontainers speaks a newer API than the engines of some distributions, and does not ask; it looks at its settings once.
        var api = Version.Parse((await docker.RunAsync(["version", "--format", "{{.Server.APIVersion}}"], ct: cancel)).Trim());
        if (api < new Version(1, 44) && Environment.GetEnvironmentVariable("DOCKER_API_VERSION") is null)
            Environment.SetEnvironmentVariable("DOCKER_API_VERSION", api.ToString());
        // The reaper is one more image to be had; the container ends with this class.
        TestcontainersSettings.ResourceReaperEnabled = false;
    }

    private async Task LoadAllAsync(CancellationToken cancel)
    {
        var settings = await _container.ExecAsync(["cat", "/var/lib/rancher/k3s/agent/etc/containerd/config.toml"], cancel);
        // Every pod begins with it.
        if (SandboxImage().Match(settings.Stdout) is { Success: true } pause)
            await LoadIfThereAsync(pause.Groups[1].Value, cancel);
        foreach (var image in _images.Names)
            await LoadAsync(image, cancel);
    }

    /// <summary>Waits for the node's own pods, DNS above all. The node brings their images itself, unless the engine has them or can bring them.</summary>
    private async Task SystemReadyAsync(CancellationToken cancel)
    {
        var tried = new HashSet<string>();
        await Eventually.ThatAsync(
            async () =>
            {
                var pods = await SystemPodsAsync(cancel);
                foreach (var image in pods.SelectMany(p => p["spec"]!["containers"]!.AsArray()).Select(c => (string)c!["image"]!).Where(tried.Add))
                    await LoadIfThereAsync(image, cancel);
                return pods;
            },
            pods => pods.Any(p => (string?)p["metadata"]!["labels"]?["k8s-app"] == "kube-dns") && pods.All(p => IsReady(p) || (string?)p["status"]!["phase"] == "Succeeded"),
            StartLimit,
            TimeSpan.FromSeconds(1),
            pods => string.Join('\n', pods.Select(p => $"{p["metadata"]!["name"]}: {p["status"]!["phase"]}")),
            ct: cancel);
        _say("the node's own pods are ready");
    }

    private async Task<IReadOnlyList<JsonNode>> SystemPodsAsync(CancellationToken cancel)
    {
        var result = await _container.ExecAsync(["kubectl", "get", "pods", "-n", "kube-system", "-o", "json"], cancel);
        return result.ExitCode == 0 ? [.. JsonNode.Parse(result.Stdout)!["items"]!.AsArray().Select(p => p!)] : throw new InvalidOperationException(result.Stderr);
    }

    private async Task LoadIfThereAsync(string image, CancellationToken cancel)
    {
        if (await _images.BringAsync(image, cancel) is null)
            await LoadAsync(image, cancel);
    }

    private async Task LoadAsync(string image, CancellationToken cancel)
    {
        var archive = _directory["image.tar"];
        var name = K3sSettings.InNode(image);
        if (name != image)
            await _images.Docker.RunAsync(["tag", image, name], ct: cancel);
        await _images.Docker.RunAsync(["save", "--output", archive, name], ct: cancel);
        await _images.Docker.RunAsync(["cp", archive, $"{_container.Id}:/image.tar"], ct: cancel);
        File.Delete(archive);
        var result = await _container.ExecAsync(["sh", "-c", "ctr -n k8s.io images import /image.tar && rm /image.tar && ctr -n k8s.io images ls -q"], cancel);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"ctr images import of {name} ended with {result.ExitCode}: {result.Stderr}{result.Stdout}");
        if (!result.Stdout.Split('\n').Any(line => line == name || line.EndsWith($"/{name}", StringComparison.Ordinal)))
            throw new InvalidOperationException($"{name} was imported, and is not among the images of the node:\n{result.Stdout}");
        _say($"loaded {name}");
    }

    private static bool IsReady(JsonNode pod) => pod["status"]!["conditions"]?.AsArray().Any(c => (string?)c!["type"] == "Ready" && (string?)c["status"] == "True") ?? false;

    private void Remove()
    {
        using var docker = Process.Start(new ProcessStartInfo(_images.Docker.Path, ["rm", "--force", "--volumes", _container.Id]) { RedirectStandardOutput = true, RedirectStandardError = true });
        docker?.WaitForExit(TimeSpan.FromSeconds(20));
    }

    [GeneratedRegex(@"^( *)(server: .*)$", RegexOptions.Multiline)]
    private static partial Regex ServerLine();

    // As containerd 1 and 2 have it.
    [GeneratedRegex(@"sandbox(?:_image)?\s*=\s*[""']([^""']+)[""']")]
    private static partial Regex SandboxImage();
}
