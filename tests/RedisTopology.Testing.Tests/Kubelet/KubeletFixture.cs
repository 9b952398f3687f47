using k8s;
using k8s.Models;
using RedisTopology.Testing.Kubelet;

namespace RedisTopology.Testing.Tests.Kubelet;

/// <summary>One kubelet for the tests of this folder, which run one after another: together they ask two cores for enough.</summary>
public sealed class KubeletFixture(ControlPlaneFixture controlPlane) : IAsyncLifetime
{
    private ProcessKubelet? _kubelet;

    public ProcessKubelet Kubelet
    {
        get
        {
            SkipWithoutRoot();
            return _kubelet!;
        }
    }

    public string StateFolder => Kubelet.StateFolder!;

    public IKubernetes Client => controlPlane.Plane.Client;

    public static void SkipWithoutRoot()
    {
        if (ProcessKubelet.MissingPrerequisite is { } missing)
            Assert.Skip(missing);
    }

    public async ValueTask InitializeAsync()
    {
        if (ProcessKubelet.MissingPrerequisite is null && Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_TEST_VICTIM") is null)
            _kubelet = await ProcessKubelet.StartAsync(controlPlane.Plane.ClientConfiguration, new ProcessKubeletOptions { Loggers = new TestLoggers() }, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_kubelet is not null)
            await _kubelet.DisposeAsync();
    }

    public async Task<string> NamespaceAsync(string name)
    {
        await controlPlane.Plane.ApplyAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}");
        // Pods are refused until the default service account is there, and up to 1.23 its token too.
        await Eventually.ThatAsync(
            () => Client.CoreV1.ReadNamespacedServiceAccountAsync("default", name, cancellationToken: Cancel),
            account => controlPlane.Plane.ServerVersion >= new Version(1, 24) || account.Secrets is { Count: > 0 },
            TimeSpan.FromSeconds(20),
            ct: Cancel);
        return name;
    }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Task<V1Pod> PodAsync(string ns, string name) => Client.CoreV1.ReadNamespacedPodAsync(name, ns, cancellationToken: Cancel);

    public async Task<IList<V1Pod>> PodsAsync(string ns) => (await Client.CoreV1.ListNamespacedPodAsync(ns, cancellationToken: Cancel)).Items;

    /// <summary>Waits until all of a StatefulSet's pods are Ready.</summary>
    public async Task<IList<V1Pod>> ReadyAsync(string ns, string set, int replicas)
    {
        await Eventually.ThatAsync(() => Client.AppsV1.ReadNamespacedStatefulSetAsync(set, ns, cancellationToken: Cancel), s => s.Status?.ReadyReplicas == replicas, TimeSpan.FromSeconds(20), ct: Cancel);
        return await PodsAsync(ns);
    }

    /// <summary>Waits for something about a pod in the API.</summary>
    public Task<V1Pod> UntilAsync(string ns, string name, Func<V1Pod, bool> condition, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(condition))] string expectation = "") =>
        Eventually.ThatAsync(() => PodAsync(ns, name), condition, TimeSpan.FromSeconds(20), describe: p => k8s.KubernetesJson.Serialize(p.Status), ct: Cancel, expectation: expectation);

    /// <summary>Runs a shell line in a pod and returns what it printed.</summary>
    public async Task<string> ShellAsync(string pod, string line) => (await Kubelet.ExecAsync(pod, null, ["sh", "-c", line], Cancel)).Stdout.Trim();

    public Task ApplyAsync(string yaml, string ns) => controlPlane.Plane.ApplyAsync(yaml, ns, TestContext.Current.CancellationToken);
}
