using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using RedisTopology.Testing;
using RedisTopology.Testing.Kubelet;

namespace RedisTopology.Charts.Tests.Releases;

/// <summary>
/// From nothing to the first GET through a sidecar, with helm alone: the operator runs in its own pods with the rights of the chart, the servers and the app in theirs. Then the operator is
/// upgraded and uninstalled, and what serves goes on serving. What guides and runbooks say of an installation (blocks marked <c>run installed</c>) is done as they say it.
/// <c>REDIS_TOPOLOGY_PREVIOUS_OPERATOR</c> names the folder of an earlier version's build, to be upgraded from.
/// </summary>
public sealed class HarnessTests : IAsyncLifetime
{
    private const string Space = "redis-topology-system";
    private static readonly IPAddress ApiService = IPAddress.Parse("198.19.0.1");
    private readonly TestDirectory _directory = TestDirectory.Create("harness");
    // Its pods do not run as root, and may not look into a directory of root's alone.
    private readonly TestDirectory _images = TestDirectory.Create("images", "/var/tmp");
    private readonly Stopwatch _clock = new();
    private readonly List<string> _followed = [];
    private ControlPlane? _plane;
    private ProcessKubelet? _kubelet;
    private PortForward? _forward;
    private GuideShell? _guide;
    private Tool? _helm;
    private Tool? _kubectl;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _ = await HelmTools.HelmAsync(_directory.FullPath);
        Prerequisites.Require(ProcessKubelet.MissingPrerequisite is null, ProcessKubelet.MissingPrerequisite ?? "");
        _plane = await ControlPlane.StartAsync(ct: Cancel);
        Prerequisites.OwnedControlPlane(_plane);
        _helm = await HelmTools.HelmAsync(_directory.FullPath, _plane.KubeconfigPath);
        _kubectl = await HelmTools.KubectlAsync(_directory.FullPath, _plane.KubeconfigPath);

        var previous = Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_PREVIOUS_OPERATOR");
        _kubelet = await ProcessKubelet.StartAsync(
            _plane.ClientConfiguration,
            new ProcessKubeletOptions
            {
                Images =
                [
                    new ContainerImage("*redis-topology-operator:previous", "/", Program("previous", previous ?? AppContext.BaseDirectory, "redis-topology-operator.dll"), []),
                    new ContainerImage("*redis-topology-operator:*", "/", Program("operator", AppContext.BaseDirectory, "redis-topology-operator.dll"), []),
                    new ContainerImage("*redis-topology-sidecar:*", "/", Program("sidecar", AppContext.BaseDirectory, "redis-topology-sidecar.dll"), []),
                    new ContainerImage("registry.example/blog:*", "/", ["sleep", "infinity"], []),
                    .. new ProcessKubeletOptions().Images,
                ],
            },
            Cancel);

        // What kube-proxy would do for the Service "kubernetes".
        await new Tool(Executables.Find("ip", "Install iproute2.")).RunAsync(["addr", "add", $"{ApiService}/32", "dev", _kubelet.HostDevice!], ct: Cancel);
        _forward = new PortForward(ApiService, new IPEndPoint(IPAddress.Loopback, ApiPort));
        _guide = await GuideShell.CreateAsync(_plane, "default", typeof(RedisTopology.Cli.Hosting.ExitCodes).Assembly.Location);
        foreach (var (word, with) in new[] { ("NAMESPACE", "default"), ("NAME", "blog-cache"), ("CLUSTER", "blog-cache") })
            _guide.Replace(word, with);
        // What a first installation is told here and nowhere else: where the API server is, and to be of the version before.
        _guide.AddProgram("helm", $$"""
            [ "$1 $3" = "install charts/redis-topology-operator" ] || exec {{_helm.Path}} "$@"
            exec {{_helm.Path}} "$@" --set image.tag=previous --set-json 'extraEnv=[{"name":"KUBERNETES_SERVICE_HOST","value":"{{ApiService}}"},{"name":"KUBERNETES_SERVICE_PORT","value":"{{ApiPort}}"}]'
            """);
    }

    private int ApiPort => new Uri(_plane!.ClientConfiguration.Host).Port;

    public async ValueTask DisposeAsync()
    {
        if (_forward is not null)
            await _forward.DisposeAsync();
        if (_kubelet is not null)
            await _kubelet.DisposeAsync();
        if (_plane is not null)
            await _plane.DisposeAsync();
        _guide?.Dispose();
        _images.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task From_helm_install_to_the_first_GET_an_upgrade_of_the_operator_and_its_end()
    {
        _clock.Start();
        await FollowAsync("README.md");
        Say("helm install of the operator, and of a CacheCluster: returned");
        await RolledOutAsync();
        Say("both operator pods are ready");

        await KubectlAsync("wait", "cc/blog-cache", "--for=condition=Ready", "--timeout=180s");
        Say("the CacheCluster is Ready: 3 shards, a master and a replica each");

        // There is no DNS on the harness: the sidecar is told addresses in place of the Service's name.
        var seeds = string.Join("\\,", (await KubectlAsync("get", "pods", "-l", "cache.redistopology.io/cluster=blog-cache", "-o", "jsonpath={.items[*].status.podIP}")).Split(' ').Select(ip => $"{ip}:6379"));
        await HelmAsync("install", "shop", ChartFolder.Shop(_directory), "--set", "cache-cluster.enabled=false,cache-cluster.name=blog-cache,cache-cluster.sidecar.extraArgs={--seeds=" + seeds + "}");
        await KubectlAsync("rollout", "status", "deployment/shop", "--timeout=120s");
        Say("the app and its sidecar run");
        var first = await Eventually.ThatAsync(VisitsAsync, visits => visits > 0, TimeSpan.FromSeconds(60), ct: Cancel);
        Say($"first GET through the sidecar: visits = {first}");

        var pods = await PodsAsync();
        _guide!.Replace("POD", _kubelet!.Pods.First(p => p.Name.StartsWith("shop-", StringComparison.Ordinal)).Name);
        foreach (var runbook in GuidePages.All.Where(p => p.StartsWith("docs/runbooks/Cache", StringComparison.Ordinal)))
            await FollowAsync(runbook);
        Say("the runbooks' commands answer");
        await FollowAsync("docs/guides/population.md");
        Assert.Equal("text", await RedisAsync("get", "tweet:1"));
        Say("a key is pushed through the app's pod");

        // An upgrade keeps values; an operator of the next version touches no pod that serves.
        await FollowAsync("docs/upgrading.md");
        await HelmAsync("upgrade", "redis-topology-operator", ChartFolder.Operator, "--namespace", Space, "--reuse-values", "--set", "image.tag=next");
        await RolledOutAsync();
        Assert.Equal("registry.example/redis-topology-operator:next", await KubectlAsync("get", "deployment/redis-topology-operator", "--namespace", Space, "-o", "jsonpath={.spec.template.spec.containers[0].image}"));
        Say("the operator is upgraded");
        // And it works: it carries out a change.
        await KubectlAsync("patch", "cc/blog-cache", "--type=merge", "-p", """{"spec":{"config":{"slowlog-max-len":"256"}}}""");
        await Eventually.ThatAsync(() => SettingAsync("slowlog-max-len"), answer => answer.Contains("256", StringComparison.Ordinal), TimeSpan.FromSeconds(90), ct: Cancel);
        await KubectlAsync("wait", "cc/blog-cache", "--for=condition=Progressing=False", "--timeout=90s");
        Say("the new operator has carried out a change");
        Assert.Equal(pods, await PodsAsync());

        Assert.Contains("kept due to the resource policy", await HelmAsync("uninstall", "redis-topology-operator", "--namespace", Space), StringComparison.Ordinal);
        await Eventually.ThatAsync(() => KubectlAsync("get", "pods", "--namespace", Space, "-o", "name"), left => left.Length == 0, TimeSpan.FromSeconds(90), ct: Cancel);
        var before = await VisitsAsync();
        await Eventually.ThatAsync(VisitsAsync, visits => visits > before, TimeSpan.FromSeconds(30), ct: Cancel);
        Assert.Equal(pods, await PodsAsync());
        Assert.Equal("cachecluster.cache.redistopology.io/blog-cache", (await KubectlAsync("get", "cc", "-o", "name")).Trim());
        Say("the operator is uninstalled; the CacheCluster, its pods and its keys are there, and the app goes on counting");

        // Installed anew it takes up what was left, and injects sidecars. That of the app cannot come up: it is given the Service's name, and there is no DNS.
        await FollowAsync("docs/guides/platform.md");
        await RolledOutAsync();
        await Eventually.ThatAsync(
            () => KubectlAsync("get", "mutatingwebhookconfigurations", "-o", "jsonpath={.items[*].webhooks[*].clientConfig.caBundle}"), bundle => bundle.Length > 0, TimeSpan.FromSeconds(60), ct: Cancel);
        await FollowAsync("docs/guides/app-teams.md");
        await Eventually.ThatAsync(BlogPodAsync, pod => pod.Contains("redis-topology-sidecar", StringComparison.Ordinal), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(3), ct: Cancel);
        Assert.Equal(pods, await PodsAsync());
        Say("the operator is installed anew, and a pod with the label has the sidecar");
        Assert.Equal(GuidePages.Marked("run installed").Select(b => b.Block.Page).Distinct().Order(StringComparer.Ordinal), _followed.Order(StringComparer.Ordinal));
    }

    /// <summary>The images of the pod that asks for a sidecar. One that was made while the webhook could not be called yet is deleted, as the guide says.</summary>
    private async Task<string> BlogPodAsync()
    {
        var pod = await KubectlAsync("get", "pods", "-l", "app=blog", "-o", "jsonpath={.items[*].spec.initContainers[*].image} {.items[*].spec.containers[*].image} {.items[*].metadata.annotations}");
        if (!pod.Contains("sidecar", StringComparison.Ordinal))
            await KubectlAsync("delete", "pods", "-l", "app=blog", "--grace-period=0", "--force");
        return pod;
    }

    /// <summary>Does what a page says is to be done where the charts are installed.</summary>
    private async Task FollowAsync(string page)
    {
        foreach (var (block, output) in GuidePages.Marked("run installed").Where(b => b.Block.Page == page))
            await _guide!.RunAsync(block, output, Cancel);
        _followed.Add(page);
    }

    private string[] Program(string name, string from, string program)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("The harness runs Linux processes.");
        foreach (var folder in (string[])[_images.FullPath, _images[name]])
            File.SetUnixFileMode(Directory.CreateDirectory(folder).FullName, (UnixFileMode)0b111_101_101);
        foreach (var file in Directory.EnumerateFiles(from).Where(f => Path.GetExtension(f) is ".dll" or ".json" && !Path.GetFileName(f).StartsWith("xunit", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(_images[name], Path.GetFileName(file)));
            File.SetUnixFileMode(Path.Combine(_images[name], Path.GetFileName(file)), (UnixFileMode)0b110_100_100);
        }

        return [Executables.Find("dotnet", "Install the .NET SDK 10."), Path.Combine(_images[name], program)];
    }

    private async Task RolledOutAsync()
    {
        try
        {
            await KubectlAsync("rollout", "status", "deployment/redis-topology-operator", "--namespace", Space, "--timeout=150s");
        }
        catch (InvalidOperationException e)
        {
            var logs = _kubelet!.Pods.Where(p => p.Namespace == Space).Select(p => $"{p.Name}:\n{_kubelet.Logs($"{p.Namespace}/{p.Name}")}");
            throw new InvalidOperationException($"{e.Message}\n{string.Join('\n', logs)}", e);
        }
    }

    private async Task<int> VisitsAsync() => int.TryParse(await RedisAsync("get", "visits"), out var visits) ? visits : 0;

    // In the app's container, through its sidecar.
    private async Task<string> RedisAsync(params string[] command)
    {
        var app = _kubelet!.Pods.First(p => p.Name.StartsWith("shop-", StringComparison.Ordinal));
        var result = await _kubelet.ExecAsync($"{app.Namespace}/{app.Name}", "app", ["redis-cli", .. command], Cancel);
        return result.Stdout.Trim();
    }

    // Asked of a server itself: the sidecar lets nobody at its configuration.
    private async Task<string> SettingAsync(string name) => (await _kubelet!.ExecAsync(
        "default/blog-cache-s0-0", "redis", ["sh", "-c", $"REDISCLI_AUTH=$(cat /auth/password) redis-cli config get {name}"], Cancel)).Stdout.Trim();

    // The servers' pods: which they are, and how often they were started.
    private async Task<string> PodsAsync() => string.Join('\n', JsonNode.Parse(await KubectlAsync("get", "pods", "-l", "cache.redistopology.io/cluster=blog-cache", "-o", "json"))!["items"]!.AsArray()
        .Select(p => $"{p!["metadata"]!["name"]} {p["metadata"]!["uid"]} {p["status"]!["containerStatuses"]![0]!["restartCount"]}"));

    private void Say(string what) => TestContext.Current.SendDiagnosticMessage($"{_clock.Elapsed.TotalSeconds,6:0.0} s  {what}");

    private Task<string> HelmAsync(params string[] arguments) => _helm!.RunAsync(arguments, ct: Cancel);

    private Task<string> KubectlAsync(params string[] arguments) => _kubectl!.RunAsync(arguments, ct: Cancel);
}
