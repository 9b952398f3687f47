using k8s;
using Microsoft.Extensions.Logging;
using RedisTopology.Operator;
using RedisTopology.Operator.Entities;
using RedisTopology.Testing;
using RedisTopology.Testing.Kubelet;

// A test waits for most of its time: for a node timeout, a probe, a grace period. Those that cannot have others beside them say so.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.All, MaxThreads = RedisTopology.Integration.Tests.Harness.IntegrationFixture.AtOnce)]
[assembly: AssemblyFixture(typeof(RedisTopology.Integration.Tests.Harness.IntegrationFixture))]

namespace RedisTopology.Integration.Tests.Harness;

/// <summary>
/// One control plane and one kubelet for all tests of this assembly, a few of which run at the same time. Each has a namespace and an operator of its own. What measures
/// time, or takes the API server away, runs alone (<c>DisableParallelization</c>).
/// </summary>
public sealed class IntegrationFixture : IAsyncLifetime
{
    /// <summary>Tests that run at the same time. Most clusters under load keep a core busy; with more of them than cores, probes and elections come late.</summary>
    internal const int AtOnce = 2;

    private static int _namespaces;
    private ControlPlane? _plane;
    private ProcessKubelet? _kubelet;

    public ControlPlane Plane => _plane!;

    public ProcessKubelet Kubelet
    {
        get
        {
            if (ProcessKubelet.MissingPrerequisite is { } missing)
                Assert.Skip(missing);
            return _kubelet!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (ProcessKubelet.MissingPrerequisite is not null)
            return;
        var cancel = TestContext.Current.CancellationToken;
        _plane = await ControlPlane.StartAsync(ct: cancel);
        var loggers = LoggerFactory.Create(l => l.AddProvider(new TestLog("kubelet")).SetMinimumLevel(LogLevel.Warning));
        _kubelet = await ProcessKubelet.StartAsync(_plane.ClientConfiguration, new ProcessKubeletOptions { Images = Images(), Loggers = loggers }, cancel);
        await _plane.ApplyCrdAsync(ManifestsCommand.Generate().First(f => f.Path.StartsWith("crd/", StringComparison.Ordinal)).Text, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_kubelet is not null)
            await _kubelet.DisposeAsync();
        if (_plane is not null)
            await _plane.DisposeAsync();
    }

    /// <summary>Deletes the clusters and pods of a namespace, without waiting for graceful ends.</summary>
    public async Task DeleteNamespaceAsync(string name)
    {
        await Plane.Client.CustomObjects.DeleteCollectionNamespacedCustomObjectAsync(CacheCluster.GroupName, "v1alpha1", name, "cacheclusters", propagationPolicy: "Background");
        await Plane.Client.AppsV1.DeleteCollectionNamespacedStatefulSetAsync(name, propagationPolicy: "Background");
        await Plane.Client.CoreV1.DeleteCollectionNamespacedPodAsync(name, gracePeriodSeconds: 0);
        await Plane.Client.CoreV1.DeleteNamespaceAsync(name);
        await Eventually.ThatAsync(
            () => Task.FromResult(Kubelet.Pods.Where(p => p.Namespace == name).Select(p => p.Name).ToList()), pods => pods.Count == 0, TimeSpan.FromSeconds(60));
    }

    /// <summary>The usual images, all of them this machine's own server, and before them the newer engines, where they are here.</summary>
    private static List<ContainerImage> Images()
    {
        var images = new List<ContainerImage>(new ProcessKubeletOptions().Images);
        if (Engines.Valkey9Root is { } valkey)
            images.Insert(0, new ContainerImage("valkey/valkey:9*", valkey, ["valkey-server"], []));
        if (Engines.Redis8Root is { } redis)
            images.Insert(0, new ContainerImage("redis:8*", redis, ["redis-server"], []));
        return images;
    }

    /// <summary>A namespace of its own for a test.</summary>
    public async Task<string> CreateNamespaceAsync(string prefix)
    {
        _ = Kubelet;
        var name = $"{prefix}-{Interlocked.Increment(ref _namespaces)}";
        await Plane.ApplyAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}", ct: TestContext.Current.CancellationToken);
        return name;
    }
}
