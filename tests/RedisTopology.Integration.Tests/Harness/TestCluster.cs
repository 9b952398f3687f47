using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using RedisTopology.Kubernetes;
using RedisTopology.Operator.Entities;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests.Harness;

/// <summary>A CacheCluster of a test, seen through the API server and through its own servers.</summary>
public sealed class TestCluster(IntegrationFixture fixture, string @namespace, string name = "cc")
{
    private const string Plural = "cacheclusters";

    private const string RedisCli = "REDISCLI_AUTH=$(cat /auth/password) $(command -v valkey-cli || command -v redis-cli) $([ ! -e /tls/ca.crt ] || echo --tls --cacert /tls/ca.crt)";

    private string? _password;

    private static readonly JsonSerializerOptions Readable = new(ApiJson.Options) { WriteIndented = true };

    public string Namespace => @namespace;

    public string Name => name;

    /// <summary>Where its servers listen, as far as their pods have an address.</summary>
    public IReadOnlyCollection<string> Endpoints => EndpointsOf(name);

    public IKubernetes Client => fixture.Plane.Client;

    /// <summary>Applies a spec, given as YAML in flow style: <c>size: {memory: 64Mi}, sharding: {count: 3}</c>. What an earlier call named and this one does not is taken out.</summary>
    public Task ApplyAsync(string spec) => fixture.Plane.ApplyAsync(
        $"{{apiVersion: cache.redistopology.io/v1alpha1, kind: CacheCluster, metadata: {{name: {name}}}, spec: {{{spec}}}}}", @namespace, TestContext.Current.CancellationToken);

    public async Task<CacheCluster?> GetAsync()
    {
        try
        {
            var json = (JsonElement)await Client.CustomObjects.GetNamespacedCustomObjectAsync(CacheCluster.GroupName, "v1alpha1", @namespace, Plural, name, TestContext.Current.CancellationToken);
            return json.Deserialize<CacheCluster>(ApiJson.Options);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public Task DeleteAsync() =>
        Client.CustomObjects.DeleteNamespacedCustomObjectAsync(CacheCluster.GroupName, "v1alpha1", @namespace, Plural, name, propagationPolicy: "Background");

    public async Task ScaleAsync(int replicas) => await Client.CustomObjects.PatchNamespacedCustomObjectScaleAsync(
        new V1Patch(new JsonObject { ["spec"] = new JsonObject { ["replicas"] = replicas } }.ToJsonString(), V1Patch.PatchType.MergePatch),
        CacheCluster.GroupName, "v1alpha1", @namespace, Plural, name);

    /// <summary>Waits for the status to be as wanted; a failure shows the status, the pods as the API server has them, and what kubelet and operator logged last.</summary>
    public async Task<CacheCluster> UntilAsync(Func<CacheCluster, bool> condition, double seconds = 60, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(condition))] string expectation = "")
    {
        try
        {
            return (await Eventually.ThatAsync(
                GetAsync,
                c => c is not null && condition(c),
                TimeSpan.FromSeconds(seconds),
                describe: c => JsonSerializer.Serialize(c?.Status, Readable),
                ct: TestContext.Current.CancellationToken,
                expectation: expectation))!;
        }
        catch (EventuallyException e)
        {
            throw new EventuallyException($"{e.Message}\n\nThe pods:\n{await PodStatesAsync()}\n\nThe kubelet's warnings:\n{TestLog.Tail("kubelet")}\n\nThe operator's log:\n{TestLog.Tail(@namespace)}", e);
        }
    }

    /// <summary>Waits until the present generation is complete: every slot has a master, every pod is in its role, nothing is left to do.</summary>
    public Task<CacheCluster> UntilReadyAsync(double seconds = 60) => UntilAsync(
        c => c.Status.ObservedGeneration == c.Metadata.Generation && c.Status.Phase == "Ready" && Is(c, "Ready") && !Is(c, "Progressing"), seconds);

    /// <summary>Waits until a pod's container has been started once more than before, and the operator has seen it.</summary>
    public Task UntilRestartedAsync(string shard, int ordinal) => Eventually.ThatAsync(
        async () => (await PodsAsync()).First(p => p.Name() == $"{name}-{shard}-{ordinal}").Status.ContainerStatuses?[0].RestartCount, count => count > 0, TimeSpan.FromSeconds(30), ct: TestContext.Current.CancellationToken);

    public static bool Is(CacheCluster cluster, string condition) => Condition(cluster, condition)?.Status == "True";

    public static StatusCondition? Condition(CacheCluster cluster, string condition) => cluster.Status.Conditions?.FirstOrDefault(c => c.Type == condition);

    public string Pod(string shard, int ordinal) => $"{@namespace}/{name}-{shard}-{ordinal}";

    public async Task<IList<V1Pod>> PodsAsync() =>
        (await Client.CoreV1.ListNamespacedPodAsync(@namespace, labelSelector: $"cache.redistopology.io/cluster={name}", cancellationToken: TestContext.Current.CancellationToken)).Items;

    /// <summary>The password; while the API server is away, as it was when last read.</summary>
    public async Task<string> PasswordAsync()
    {
        try
        {
            var secret = await Client.CoreV1.ReadNamespacedSecretAsync($"{name}-auth", @namespace, cancellationToken: TestContext.Current.CancellationToken);
            return _password = System.Text.Encoding.UTF8.GetString(secret.Data["password"]);
        }
        catch (HttpRequestException) when (_password is not null)
        {
            return _password;
        }
    }

    /// <summary>The authorities that apps are told to trust.</summary>
    public async Task<string> AuthoritiesAsync() =>
        (await Client.CoreV1.ReadNamespacedConfigMapAsync($"{name}-sidecar", @namespace, cancellationToken: TestContext.Current.CancellationToken)).Data["ca.crt"];

    /// <summary>Runs redis-cli inside a pod.</summary>
    public async Task<string> RedisAsync(string pod, params string[] arguments)
    {
        var result = await fixture.Kubelet.ExecAsync(
            pod, "redis", ["sh", "-c", $"{RedisCli} \"$@\"", "sh", .. arguments], TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, $"redis-cli {string.Join(' ', arguments)} in {pod}: {result.Stderr}{result.Stdout}");
        return result.Stdout.Trim();
    }

    /// <summary>Writes keys <c>key:0</c>, <c>key:1</c>, ... through a cluster client, each with its own name as value.</summary>
    public async Task WriteKeysAsync(int count) => Assert.All(await OnKeysAsync(count, key => $"set {key} {key}"), reply => Assert.Equal("OK", reply));

    /// <summary>Reads those keys back; a key that is gone, or has another value, is named.</summary>
    public async Task<List<string>> MissingKeysAsync(int count)
    {
        var replies = await OnKeysAsync(count, key => $"get {key}");
        return [.. Enumerable.Range(0, count).Select(i => $"key:{i}").Where((key, i) => replies[i] != key)];
    }

    /// <summary>What each server says of itself: pod, role, and the slots it claims.</summary>
    public async Task<Dictionary<string, (string Role, string Slots)>> OnServersAsync()
    {
        var result = new Dictionary<string, (string, string)>();
        foreach (var pod in await PodsAsync())
        {
            var nodes = await RedisAsync($"{@namespace}/{pod.Name()}", "cluster", "nodes");
            var self = nodes.Split('\n').First(l => l.Contains("myself", StringComparison.Ordinal)).Split(' ');
            result[pod.Name()] = (self[2].Contains("master", StringComparison.Ordinal) ? "master" : "replica", string.Join(',', self.Skip(8)));
        }

        return result;
    }

    /// <summary>A sidecar as pods have it: with what the operator wrote for sidecars of a cluster of this namespace, and its password.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="directory">Where the password is put, which has to stay.</param>
    /// <param name="edit">What else has to differ here in a line of its configuration.</param>
    public async Task<SidecarProcess> StartSidecarAsync(string cluster, TestDirectory directory, Func<string, string>? edit = null)
    {
        var ct = TestContext.Current.CancellationToken;
        var secret = await Client.CoreV1.ReadNamespacedSecretAsync($"{cluster}-auth", @namespace, cancellationToken: ct);
        await File.WriteAllBytesAsync(directory["password"], secret.Data["password"], ct);
        var written = (await Client.CoreV1.ReadNamespacedConfigMapAsync($"{cluster}-sidecar", @namespace, cancellationToken: ct)).Data;
        await File.WriteAllTextAsync(directory["ca.crt"], written.TryGetValue("ca.crt", out var authorities) ? authorities : "", ct);
        // The Services it names as seeds are unknown here.
        var lines = written["sidecar.yaml"].Replace("/auth/password", directory["password"], StringComparison.Ordinal).Replace("/config/ca.crt", directory["ca.crt"], StringComparison.Ordinal)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.StartsWith("seeds:", StringComparison.Ordinal));
        return await SidecarProcess.StartAsync(string.Join(',', EndpointsOf(cluster)), [.. lines.Select(edit ?? (line => line))], ct: ct);
    }

    /// <summary>The pods of the namespace by uid and restarts: unchanged means nothing was touched.</summary>
    public async Task<string> FingerprintAsync() => string.Join('\n', (await PodsAsync())
        .OrderBy(p => p.Name(), StringComparer.Ordinal)
        .Select(p => $"{p.Name()} {p.Uid()} {string.Join(',', p.Status.ContainerStatuses?.Select(c => c.RestartCount) ?? [])}"));

    public async Task<IList<Corev1Event>> EventsAsync() =>
        (await Client.CoreV1.ListNamespacedEventAsync(@namespace, cancellationToken: TestContext.Current.CancellationToken)).Items;

    /// <summary>The version in which the API server has disruption budgets and evictions.</summary>
    public string PolicyVersion => fixture.Plane.Serves("policy/v1", "poddisruptionbudgets") ? "v1" : "v1beta1";

    /// <summary>
    /// Evicts a pod as a drain does, which is refused (429) and asks again while the disruption budget counts a pod of the shard as not ready. That can be for seconds after the
    /// cluster is: the operator asks the servers themselves, the budget goes by the kubelet's probes, which come every two seconds.
    /// </summary>
    /// <param name="pod">The pod, as <c>namespace/name</c>.</param>
    public Task EvictAsync(string pod) => Eventually.TrueAsync(
        () => TryEvictAsync(pod), TimeSpan.FromSeconds(60), ct: TestContext.Current.CancellationToken, expectation: $"{pod} may be evicted");

    /// <summary>Asks for the eviction of a pod once.</summary>
    /// <param name="pod">The pod, as <c>namespace/name</c>.</param>
    /// <returns>False when the disruption budget does not allow it now.</returns>
    public async Task<bool> TryEvictAsync(string pod)
    {
        var target = pod.Split('/')[1];
        var eviction = new V1Eviction { ApiVersion = $"policy/{PolicyVersion}", Kind = "Eviction", Metadata = new V1ObjectMeta { Name = target, NamespaceProperty = @namespace } };
        try
        {
            await Client.CoreV1.CreateNamespacedPodEvictionAsync(eviction, target, @namespace, cancellationToken: TestContext.Current.CancellationToken);
            return true;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == System.Net.HttpStatusCode.TooManyRequests)
        {
            return false;
        }
    }

    /// <summary>The pod that is the master of a shard, from the status.</summary>
    public async Task<string> MasterAsync(string shard) =>
        $"{@namespace}/{(await GetAsync())!.Status.Shards!.First(s => s.Name == shard).Master}";

    /// <summary>One command for each key, all of them through one redis-cli that follows redirections: starting it is most of the time a command takes.</summary>
    private async Task<string[]> OnKeysAsync(int count, Func<string, string> command)
    {
        var anywhere = fixture.Kubelet.Pods.Where(p => p.Namespace == @namespace && p.Ready && p.ProcessIds.Count > 0 && p.Name.StartsWith(name + "-", StringComparison.Ordinal)).Select(p => $"{p.Namespace}/{p.Name}").FirstOrDefault()
            ?? Pod((await GetAsync())!.Status.Shards![0].Name, 0);
        var script = string.Concat(Enumerable.Range(0, count).Select(i => command($"key:{i}") + "\n"));
        var result = await fixture.Kubelet.ExecAsync(
            anywhere,
            "redis",
            ["sh", "-c", $"printf %s \"$1\" | {RedisCli} -c", "sh", script],
            TestContext.Current.CancellationToken);
        var replies = result.Stdout.Split('\n').SkipLast(1).Where(l => !l.StartsWith("-> Redirected", StringComparison.Ordinal)).ToArray();
        Assert.True(result.ExitCode == 0 && replies.Length == count, $"redis-cli in {anywhere}, {count} commands such as {command("key:0")}: {result.Stderr}{result.Stdout}");
        return replies;
    }

    private string[] EndpointsOf(string cluster) =>
        [.. fixture.Kubelet.Pods.Where(p => p.Namespace == @namespace && p.Address is not null && p.Name.StartsWith(cluster + "-", StringComparison.Ordinal)).Select(p => p.Address + ":6379")];

    /// <summary>The pods as the API server has them, and what runs of them: whether it is the operator that does not see a change, or there was none.</summary>
    private async Task<string> PodStatesAsync()
    {
        try
        {
            return string.Join('\n', (await PodsAsync()).Select(p =>
                $"{p.Name()} {p.Status.Phase} {string.Join(", ", p.Status.ContainerStatuses?.Select(c => $"{c.Name} {KubernetesJson.Serialize(c.State)} ready {c.Ready} restarts {c.RestartCount}") ?? [])}, "
                + $"processes {string.Join(' ', fixture.Kubelet.Pods.FirstOrDefault(k => k.Namespace == @namespace && k.Name == p.Name())?.ProcessIds.Values ?? [])}"));
        }
        catch (Exception e) when (e is HttpRequestException or HttpOperationException)
        {
            return $"not known: {e.Message}";
        }
    }
}
