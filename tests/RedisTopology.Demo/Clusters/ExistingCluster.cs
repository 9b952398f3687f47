using System.Net.Sockets;
using k8s;
using k8s.Autorest;
using RedisTopology.Demo.Keys;
using RedisTopology.Demo.Show;
using RedisTopology.Testing;

namespace RedisTopology.Demo.Clusters;

/// <summary>
/// A cluster that was chosen with a kubeconfig. An operator that is deployed there is used; without one it runs on this machine, which then must
/// reach the pods' addresses. What the demo makes there is in a namespace of its own, and removed in the end; the CRD stays.
/// </summary>
internal sealed class ExistingCluster : IDemoCluster
{
    private const string OperatorNamespace = "redis-topology-system";
    private const string OperatorName = "redis-topology-operator";

    private readonly TestDirectory _directory = TestDirectory.Create("demo");
    private readonly Screen _screen;
    private OperatorProcess? _operator;
    private bool _ownNamespace;

    private ExistingCluster(ControlPlane plane, Screen screen)
    {
        Plane = plane;
        _screen = screen;
        Kubectl = Kubectl.Find(plane.KubeconfigPath);
    }

    /// <inheritdoc/>
    public ControlPlane Plane { get; }

    /// <inheritdoc/>
    public string Namespace => "redis-topology-demo";

    /// <inheritdoc/>
    public Kubectl? Kubectl { get; }

    /// <summary>Connects to it.</summary>
    public static async Task<ExistingCluster> ConnectAsync(string kubeconfig, Screen screen, CancellationToken cancel)
    {
        if (!File.Exists(kubeconfig))
            throw new DemoException($"there is no kubeconfig at {kubeconfig}");
        screen.Step($"Connecting to the cluster of {kubeconfig}");
        var cluster = new ExistingCluster(await ControlPlane.StartAsync(new ControlPlaneOptions { Kubeconfig = Path.GetFullPath(kubeconfig) }, cancel), screen);
        screen.Note($"Kubernetes {cluster.Plane.ServerVersion} at {cluster.Plane.ClientConfiguration.Host}");
        var namespaces = await cluster.Plane.Client.CoreV1.ListNamespaceAsync(fieldSelector: $"metadata.name={cluster.Namespace}", cancellationToken: cancel);
        cluster._ownNamespace = namespaces.Items.Count == 0;
        await cluster.Plane.ApplyAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {cluster.Namespace}}}}}", ct: cancel);
        return cluster;
    }

    /// <inheritdoc/>
    public async Task StartOperatorAsync(CancellationToken cancel)
    {
        if (await IsDeployedAsync(cancel))
        {
            _screen.Note($"using the operator that is deployed in {OperatorNamespace}");
            return;
        }

        _operator = await OperatorProcess.StartAsync(Plane.KubeconfigPath, Namespace, _directory.FullPath, cancel);
        _screen.Note($"no operator is deployed in {OperatorNamespace}: it runs here, confined to the namespace {Namespace}; it logs to {_operator.LogPath}");
    }

    /// <summary>An operator on this machine works only where the pods' addresses can be reached: says so rather than let it wait for ever.</summary>
    public async Task CheckReachableAsync(string cluster, CancellationToken cancel)
    {
        if (_operator is null)
            return;
        var addresses = await Eventually.ThatAsync(
            () => PodAddresses.OfAsync(Plane.Client, Namespace, cluster, cancel),
            found => found.Count > 0,
            TimeSpan.FromMinutes(5),
            interval: TimeSpan.FromSeconds(1),
            ct: cancel,
            expectation: "a pod of the cluster runs (can its image be pulled?)");
        try
        {
            await Eventually.ThatAsync(async () => await IsReachableAsync(addresses[0], cancel), reached => reached, TimeSpan.FromSeconds(30), ct: cancel, expectation: "reached");
        }
        catch (EventuallyException)
        {
            throw new DemoException(
                $"pods run at addresses such as {addresses[0]}, which this machine cannot reach, so an operator here cannot do its work. Remedy: run the demo on a node of the cluster, " +
                $"or build an image of the operator, deploy it (kubectl apply --server-side -k config/default) and run this again: it will be used.");
        }
    }

    /// <inheritdoc/>
    public async Task<IKeys> OpenKeysAsync(string cluster, CancellationToken cancel)
    {
        var addresses = await PodAddresses.OfAsync(Plane.Client, Namespace, cluster, cancel);
        if (addresses.Count > 0 && await IsReachableAsync(addresses[0], cancel))
            return await DirectKeys.OpenAsync(Plane.Client, Namespace, cluster, cancel);
        if (Kubectl is null)
            throw new DemoException("the pods' addresses cannot be reached from here, and there is no kubectl on PATH to run redis-cli inside a pod. Install kubectl.");
        _screen.Note("the pods' addresses cannot be reached from here: keys are written and read by redis-cli -c inside a pod");
        return new ExecKeys(Plane.Client, Kubectl, Namespace, cluster);
    }

    /// <inheritdoc/>
    public async Task<string> KillAsync(string pod, CancellationToken cancel)
    {
        // The server ends, and no preStop hook runs: Kubernetes did not ask for it.
        if (Kubectl is not null && await Kubectl.TryRunAsync(["exec", "-n", Namespace, pod, "-c", "redis", "--", "sh", "-c", "kill 1"], cancel) is not null)
            return $"kubectl exec {pod} -- kill 1";
        await Plane.Client.CoreV1.DeleteNamespacedPodAsync(pod, Namespace, gracePeriodSeconds: 0, cancellationToken: cancel);
        return $"kubectl delete pod {pod} --grace-period=0 --force";
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_ownNamespace)
            {
                await Plane.Client.CoreV1.DeleteNamespaceAsync(Namespace);
                _screen.Note($"the namespace {Namespace} is being deleted; the CustomResourceDefinition stays");
            }
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException)
        {
            _screen.Note($"could not delete the namespace {Namespace}: {e.Message}");
        }

        if (_operator is not null)
            await _operator.DisposeAsync();
        await Plane.DisposeAsync();
        _directory.Dispose();
    }

    private async Task<bool> IsDeployedAsync(CancellationToken cancel)
    {
        try
        {
            return (await Plane.Client.AppsV1.ReadNamespacedDeploymentAsync(OperatorName, OperatorNamespace, cancellationToken: cancel)).Status?.AvailableReplicas > 0;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    private static async Task<bool> IsReachableAsync(string address, CancellationToken cancel)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(TimeSpan.FromSeconds(2));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address, 6379, timeout.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return false;
        }
    }
}
