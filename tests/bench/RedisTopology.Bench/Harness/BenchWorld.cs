using RedisTopology.Operator;
using RedisTopology.Testing;
using RedisTopology.Testing.Kubelet;

namespace RedisTopology.Bench.Harness;

/// <summary>A control plane with the CRD, a kubelet, and a counting proxy for the operator.</summary>
internal sealed class BenchWorld : IAsyncDisposable
{
    private BenchWorld(ControlPlane plane, ProcessKubelet kubelet, FaultProxy proxy) => (Plane, Kubelet, Proxy) = (plane, kubelet, proxy);

    public ControlPlane Plane { get; }

    public ProcessKubelet Kubelet { get; }

    public FaultProxy Proxy { get; }

    public static async Task<BenchWorld> StartAsync(ProcessKubeletOptions kubelet, CancellationToken cancel)
    {
        // A cluster of its own, always: a benchmark creates thousands of objects.
        var plane = await ControlPlane.StartAsync(new ControlPlaneOptions { Kubeconfig = null }, cancel);
        var nodes = await ProcessKubelet.StartAsync(plane.ClientConfiguration, kubelet, cancel);
        await plane.ApplyCrdAsync(ManifestsCommand.Generate().First(f => f.Path.StartsWith("crd/", StringComparison.Ordinal)).Text, cancel);
        return new BenchWorld(plane, nodes, await FaultProxy.StartAsync(plane.ClientConfiguration, cancel));
    }

    /// <summary>Starts an operator whose requests are counted.</summary>
    public Task<OperatorProcess> StartOperatorAsync(CancellationToken cancel) => OperatorProcess.StartAsync(Proxy.KubeconfigPath, cancel);

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        await Kubelet.DisposeAsync();
        await Plane.DisposeAsync();
    }
}
