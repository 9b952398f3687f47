using System.Net.Sockets;
using k8s.Models;
using RedisTopology.Testing.Kubelet.Pods;
using RedisTopology.Testing.Kubelet.Runtime;

namespace RedisTopology.Testing.Kubelet;

/// <summary>What a test does to pods and nodes. Pods are named "namespace/name", or "name" in the namespace "default"; an unknown pod is an <see cref="ArgumentException"/>.</summary>
public sealed partial class ProcessKubelet
{
    /// <summary>The pods that run here now.</summary>
    public IReadOnlyList<PodView> Pods => [.. _workers.Values.Select(View).OrderBy(p => p.Namespace, StringComparer.Ordinal).ThenBy(p => p.Name, StringComparer.Ordinal)];

    /// <summary>Sends a signal to a container's first process. <paramref name="reason"/> is reported in place of "Error" (OOMKilled).</summary>
    public void Kill(string pod, string? container = null, int signal = NativeMethods.SigKill, string? reason = null)
    {
        var runner = Worker(pod).Container(container);
        if (reason is not null)
            runner.Expect(reason, noBackOff: false);
        runner.Process?.Signal(signal);
    }

    /// <summary>Stops every process of a pod (SIGSTOP): its connections stay open and nothing answers.</summary>
    public void Freeze(string pod) => SignalAll(Worker(pod), NativeMethods.SigStop);

    /// <summary>Undoes <see cref="Freeze"/>.</summary>
    public void Resume(string pod) => SignalAll(Worker(pod), NativeMethods.SigCont);

    /// <summary>Runs a command inside a running container; it has 30 s.</summary>
    public async Task<ExecResult> ExecAsync(string pod, string? container, IEnumerable<string> command, CancellationToken cancellationToken = default)
    {
        var process = Worker(pod).Container(container).Process ?? throw new InvalidOperationException($"No process runs in {pod}/{container}");
        return await process.ExecAsync(command, TimeSpan.FromSeconds(30), cancellationToken);
    }

    /// <summary>Standard output and error of all incarnations of a container.</summary>
    public string Logs(string pod, string? container = null)
    {
        var file = Worker(pod).Container(container).LogFile;
        return File.Exists(file) ? File.ReadAllText(file) : "";
    }

    private Task<Socket>? SocketIn(string pod) => Worker(pod).Sandbox is { } sandbox
        ? NativeMethods.InNetworkNamespaceOf(sandbox.Pid, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        : null;

    /// <summary>A reboot as the pod sees it: same pod UID, new address, volumes kept, restart counts up by one.</summary>
    public Task RestartSandboxAsync(string pod) => Worker(pod).RestartSandboxAsync();

    /// <summary>Stops a node: its kubelet falls silent and its pods fail in the given way. The control plane notices by itself, after its grace period.</summary>
    public async Task StopNodeAsync(string node, NodeFailure failure, CancellationToken cancellationToken = default)
    {
        Node(node)!.Stop(failure);
        foreach (var worker in On(node))
        {
            if (failure == NodeFailure.Freeze)
                SignalAll(worker, NativeMethods.SigStop);
            if (failure == NodeFailure.Crash)
                _ = worker.RestartSandboxAsync();
            if (failure == NodeFailure.Partition && worker.Address is { } address)
                _host!.Faults.Isolate(address);
        }

        if (failure == NodeFailure.Partition)
            await _host!.ApplyFaultsAsync(cancellationToken);
    }

    /// <summary>Undoes <see cref="StopNodeAsync"/>.</summary>
    public async Task StartNodeAsync(string node, CancellationToken cancellationToken = default)
    {
        var agent = Node(node)!;
        var failure = agent.Failure;
        foreach (var worker in On(node))
        {
            if (failure == NodeFailure.Freeze)
                SignalAll(worker, NativeMethods.SigCont);
            if (failure == NodeFailure.Partition && worker.Address is { } address)
                _host!.Faults.Heal(address);
        }

        if (failure == NodeFailure.Partition)
            await _host!.ApplyFaultsAsync(cancellationToken);
        await agent.StartAsync(cancellationToken);
    }

    /// <summary>Ends when a condition on the pods here holds; throws <see cref="TimeoutException"/> with what was last seen.</summary>
    public async Task WaitForAsync(Func<IReadOnlyList<PodView>, bool> condition, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var began = _options.Clock.GetTimestamp();
        while (true)
        {
            var pods = Pods;
            if (condition(pods))
                return;
            if (_options.Clock.GetElapsedTime(began) > timeout)
                throw new TimeoutException($"Not within {timeout}. Pods: {string.Join("; ", pods.Select(p => $"{p.Namespace}/{p.Name} ready={p.Ready} ip={p.Address} restarts={string.Join(',', p.RestartCounts)}"))}");
            await Task.Delay(TimeSpan.FromMilliseconds(25), _options.Clock, cancellationToken);
        }
    }

    private IEnumerable<PodWorker> On(string node) => _workers.Values.Where(w => w.NodeName == node);

    private PodWorker Worker(string pod)
    {
        var (ns, name) = pod.Split('/') is [var a, var b] ? (a, b) : ("default", pod);
        return _workers.Values.FirstOrDefault(w => w.Pod.Name() == name && w.Pod.Namespace() == ns) ?? throw new ArgumentException($"No pod {ns}/{name} runs here", nameof(pod));
    }

    private static void SignalAll(PodWorker worker, int signal)
    {
        foreach (var runner in worker.Containers)
            runner.Process?.SignalAll(signal);
    }

    private static PodView View(PodWorker w) => new(
        w.Pod.Namespace(),
        w.Pod.Name(),
        w.Pod.Uid(),
        w.NodeName,
        w.Address,
        w.Containers.Where(c => !c.IsInit).All(c => c.Ready),
        w.Containers.Where(c => c.Process is not null).ToDictionary(c => c.Name, c => c.Process!.Pid),
        w.Containers.ToDictionary(c => c.Name, c => c.RestartCount));
}
