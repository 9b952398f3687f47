using RedisTopology.Demo.Keys;
using RedisTopology.Demo.Show;
using RedisTopology.Testing;
using RedisTopology.Testing.Kubelet;

namespace RedisTopology.Demo.Clusters;

/// <summary>A control plane of the demo's own on this machine, with pods as processes in network namespaces.</summary>
internal sealed class OwnCluster : IDemoCluster
{
    private readonly ProcessKubelet _kubelet;
    private readonly Screen _screen;
    private OperatorProcess? _operator;

    private OwnCluster(ControlPlane plane, ProcessKubelet kubelet, Screen screen)
    {
        Plane = plane;
        _kubelet = kubelet;
        _screen = screen;
        Kubectl = Kubectl.Find(plane.KubeconfigPath);
    }

    /// <inheritdoc/>
    public ControlPlane Plane { get; }

    /// <inheritdoc/>
    public string Namespace => "default";

    /// <inheritdoc/>
    public Kubectl? Kubectl { get; }

    /// <summary>Starts it: about 10 s on an idle machine.</summary>
    public static async Task<OwnCluster> StartAsync(Screen screen, CancellationToken cancel)
    {
        if (ProcessKubelet.MissingPrerequisite is { } missing)
            throw new DemoException(missing);
        Executables.Find("redis-server", "Install the package redis-server, or run make deps.");

        screen.Step("Starting a Kubernetes control plane: etcd, kube-apiserver, kube-controller-manager");
        var plane = await ControlPlane.StartAsync(new ControlPlaneOptions { Kubeconfig = null, Progress = screen.Note }, cancel);
        try
        {
            screen.Note($"Kubernetes {plane.ServerVersion} serves at {plane.ClientConfiguration.Host}");
            var kubelet = await ProcessKubelet.StartAsync(plane.ClientConfiguration, new ProcessKubeletOptions(), cancel);
            screen.Note($"nodes {string.Join(", ", kubelet.NodeNames)} are ready; each pod is a process in a network namespace of its own");
            return new OwnCluster(plane, kubelet, screen);
        }
        catch
        {
            await plane.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task StartOperatorAsync(CancellationToken cancel)
    {
        _operator = await OperatorProcess.StartAsync(Plane.KubeconfigPath, Namespace, Plane.Directory!, cancel);
        _screen.Note($"the operator is ready; it logs to {_operator.LogPath}");
    }

    /// <inheritdoc/>
    public async Task<IKeys> OpenKeysAsync(string cluster, CancellationToken cancel) => await DirectKeys.OpenAsync(Plane.Client, Namespace, cluster, cancel);

    /// <inheritdoc/>
    public Task<string> KillAsync(string pod, CancellationToken cancel)
    {
        _kubelet.Kill($"{Namespace}/{pod}");
        return Task.FromResult($"kill -9 of redis-server in {pod}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_operator is not null)
            await _operator.DisposeAsync();
        await _kubelet.DisposeAsync();
        await Plane.DisposeAsync();
    }
}
