using System.Text.Json.Nodes;
using RedisTopology.Testing;

namespace RedisTopology.K3s.Tests;

/// <summary>The operator, a CacheCluster and an app with its sidecar, installed with helm in namespaces of their own, and what a person asks of them.</summary>
internal sealed class Release(K3sFixture fixture, string name)
{
    private static readonly string Charts = Path.Combine(Repository.Root, "charts");

    private CancellationToken Cancel => fixture.Cancel;

    /// <summary>The namespace of the operator.</summary>
    public string OperatorSpace { get; } = $"{name}-system";

    /// <summary>The namespace of the cluster and the app.</summary>
    public string Space { get; } = name;

    /// <summary>Makes the namespaces, which refuse any pod that is not as restricted as Kubernetes knows how to ask for.</summary>
    public async Task CreateNamespacesAsync()
    {
        foreach (var space in (string[])[OperatorSpace, Space])
            await KubectlAsync(["apply", "-f", "-"], $"{{apiVersion: v1, kind: Namespace, metadata: {{name: {space}, labels: {{pod-security.kubernetes.io/enforce: restricted}}}}}}");
    }

    /// <summary>Installs or upgrades the operator; it looks after its own namespace alone.</summary>
    public async Task InstallOperatorAsync(params string[] values)
    {
        // A definition that somebody else brought stays theirs.
        var foreign = await fixture.Kubectl.TryAsync(["get", "crd", "cacheclusters.cache.redistopology.io", "-o", "jsonpath={.metadata.annotations.meta\\.helm\\.sh/release-namespace}"], ct: Cancel);
        var install = foreign.ExitCode != 0 || foreign.Output == OperatorSpace;
        await HelmAsync(
        [
            "upgrade", "--install", "op", Path.Combine(Charts, "redis-topology-operator"), "--namespace", OperatorSpace, "--set", $"crds.install={(install ? "true" : "false")}",
            "--set", $"watchNamespaces={{{Space}}}", "--set", "image.pullPolicy=Never", .. Image("image", K3sSettings.OperatorImage), .. values,
        ]);
        await KubectlAsync(["rollout", "status", "deployment/op-redis-topology-operator", "--namespace", OperatorSpace, "--timeout=180s"]);
    }

    /// <summary>Installs or upgrades the CacheCluster <c>blog-cache</c>.</summary>
    public Task InstallClusterAsync(string image, string memory, int replicas = 1) => HelmAsync(
        ["upgrade", "--install", "blog", Path.Combine(Charts, "cache-cluster"), "--namespace", Space, "--set", $"engine.image={K3sSettings.InNode(image)},memory={memory},cpu=20m,shards=3,replicas={replicas}"]);

    /// <summary>Installs the app, whose chart puts the sidecar into its pod.</summary>
    public async Task InstallAppAsync()
    {
        var shop = fixture.Scratch[$"shop-{Space}"];
        Copy(Path.Combine(Repository.Root, "tests", "RedisTopology.Charts.Tests", "Fixtures", "shop"), shop);
        Copy(Path.Combine(Charts, "cache-cluster"), Path.Combine(shop, "charts", "cache-cluster"));
        await HelmAsync(
        [
            "upgrade", "--install", "shop", shop, "--namespace", Space, "--set", $"image={K3sSettings.InNode(K3sSettings.RedisImage)},cache-cluster.enabled=false,cache-cluster.name=blog-cache",
            "--set", "cache-cluster.sidecar.image.pullPolicy=Never", .. Image("cache-cluster.sidecar.image", K3sSettings.SidecarImage),
        ]);
        await KubectlAsync(["rollout", "status", "deployment/shop", "--namespace", Space, "--timeout=180s"]);
    }

    /// <summary>Waits until every slot is served, every pod is in its role, and nothing is left to do of the present spec.</summary>
    public Task ReadyAsync(int seconds = 240) => Eventually.ThatAsync(
        async () => JsonNode.Parse(await KubectlAsync(["get", "cc", "blog-cache", "--namespace", Space, "-o", "json"]))!,
        cluster => (long?)cluster["status"]?["observedGeneration"] == (long?)cluster["metadata"]!["generation"] && (string?)cluster["status"]?["phase"] == "Ready" && Condition(cluster, "Ready") == "True"
            && Condition(cluster, "Progressing") == "False",
        TimeSpan.FromSeconds(seconds),
        TimeSpan.FromSeconds(1),
        c => c["status"]?.ToJsonString() ?? "no status",
        ct: Cancel);

    /// <summary>The servers' pods as name, uid and restarts: the same text means that none was touched.</summary>
    public async Task<string> FingerprintAsync() => string.Join('\n', (await PodsAsync("cache.redistopology.io/cluster=blog-cache"))
        .Select(p => $"{p["metadata"]!["name"]} {p["metadata"]!["uid"]} {p["status"]!["containerStatuses"]![0]!["restartCount"]}"));

    /// <summary>Pods by label.</summary>
    public async Task<IReadOnlyList<JsonNode>> PodsAsync(string selector) =>
        [.. JsonNode.Parse(await KubectlAsync(["get", "pods", "--namespace", Space, "-l", selector, "-o", "json"]))!["items"]!.AsArray().Select(p => p!)];

    /// <summary>The master of a shard.</summary>
    public Task<string> MasterAsync(string shard) => KubectlAsync(["get", "cc", "blog-cache", "--namespace", Space, "-o", $"jsonpath={{.status.shards[?(@.name==\"{shard}\")].master}}"]);

    /// <summary>A command in the app's container, through its sidecar.</summary>
    public async Task<string> InAppAsync(params string[] command) => (await KubectlAsync(["exec", "deployment/shop", "--namespace", Space, "-c", "app", "--", .. command])).Trim();

    /// <summary>How often the app has counted; 0 when it does not answer.</summary>
    public async Task<int> VisitsAsync() => int.TryParse(await InAppAsync("redis-cli", "get", "visits"), out var visits) ? visits : 0;

    /// <summary>Waits until the app goes on counting.</summary>
    public async Task CountsOnAsync()
    {
        var before = await Eventually.ThatAsync(VisitsAsync, v => v > 0, TimeSpan.FromSeconds(60), ct: Cancel);
        await Eventually.ThatAsync(VisitsAsync, v => v > before, TimeSpan.FromSeconds(30), ct: Cancel);
    }

    /// <summary>What a person would look at after a failure.</summary>
    public async Task<string> DescribeAsync()
    {
        var text = "";
        foreach (var arguments in (string[][])
        [
            ["get", "cc,pods,services,endpointslices", "--namespace", Space, "-o", "wide"],
            ["get", "cc", "blog-cache", "--namespace", Space, "-o", "yaml"],
            ["get", "events", "--namespace", Space, "--sort-by", ".lastTimestamp"],
            ["describe", "pods", "--namespace", Space],
            ["logs", "-l", "cache.redistopology.io/cluster=blog-cache", "--namespace", Space, "--all-containers", "--prefix", "--tail", "20"],
            ["logs", "-l", "app=shop", "--namespace", Space, "--all-containers", "--prefix", "--tail", "20"],
            ["get", "events", "--namespace", OperatorSpace, "--sort-by", ".lastTimestamp"],
            ["describe", "pods", "--namespace", OperatorSpace],
            ["logs", "-l", "app.kubernetes.io/instance=op", "--namespace", OperatorSpace, "--all-containers", "--prefix", "--tail", "80"],
        ])
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            try
            {
                var result = await fixture.Kubectl.TryAsync(arguments, ct: patience.Token);
                text += $"\n$ kubectl {string.Join(' ', arguments)}\n{result.Output}{result.Error}";
            }
            catch (OperationCanceledException)
            {
                text += $"\n$ kubectl {string.Join(' ', arguments)}\ndoes not answer";
            }
        }

        return text;
    }

    /// <summary>Removes everything.</summary>
    public async Task DeleteAsync()
    {
        foreach (var (release, space) in ((string, string)[])[("shop", Space), ("blog", Space), ("op", OperatorSpace)])
            await fixture.Helm.TryAsync(["uninstall", release, "--namespace", space, "--ignore-not-found"], ct: CancellationToken.None);
        await fixture.Kubectl.TryAsync(["delete", "namespace", Space, OperatorSpace, "--wait=false", "--ignore-not-found"], ct: CancellationToken.None);
    }

    public Task<string> HelmAsync(IEnumerable<string> arguments) => fixture.Helm.RunAsync(arguments, ct: Cancel);

    public Task<string> KubectlAsync(IEnumerable<string> arguments, string? input = null) => fixture.Kubectl.RunAsync(arguments, input, Cancel);

    /// <summary>The plugin, in the namespace of the cluster.</summary>
    public Task<string> CacheAsync(params string[] arguments) => fixture.Cache.RunAsync([.. arguments, "--namespace", Space], ct: Cancel);

    private static string? Condition(JsonNode cluster, string type) => (string?)cluster["status"]?["conditions"]?.AsArray().FirstOrDefault(c => (string?)c!["type"] == type)?["status"];

    private static string[] Image(string key, string image)
    {
        var name = K3sSettings.InNode(image);
        var colon = name.LastIndexOf(':');
        var (repository, tag) = colon > name.LastIndexOf('/') ? (name[..colon], name[(colon + 1)..]) : (name, "latest");
        return ["--set", $"{key}.repository={repository}", "--set-string", $"{key}.tag={tag}"];
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }
}
