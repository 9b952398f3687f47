using k8s.Models;
using Microsoft.Extensions.Logging;
using RedisTopology.Testing.Kubelet.Nodes;
using RedisTopology.Testing.Kubelet.Runtime;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>One pod from binding to deletion: sandbox, volumes, init containers, containers, and again after a restarted sandbox.</summary>
internal sealed partial class PodWorker : IAsyncDisposable
{
    private readonly CancellationTokenSource _closed = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly NodeAgent _node;
    private readonly List<ContainerRunner> _init;
    private readonly List<ContainerRunner> _main;
    private readonly Task _run;
    private readonly Task _publish;
    private CancellationTokenSource? _incarnation;
    private TaskCompletionSource? _restart;
    private Task _termination = Task.CompletedTask;
    private volatile V1Pod _pod;
    private volatile bool _forced;
    private int _terminating;

    /// <summary>Starts looking after a pod bound to a node.</summary>
    public PodWorker(PodServices services, NodeAgent node, V1Pod pod)
    {
        Services = services;
        _node = node;
        _pod = pod;
        Volumes = new PodVolumes(services, pod.Uid());
        _init = (pod.Spec.InitContainers ?? []).Select(c => new ContainerRunner(this, c.Name, init: true)).ToList();
        _main = pod.Spec.Containers.Select(c => new ContainerRunner(this, c.Name, init: false)).ToList();
        StartTime = services.Now;
        _run = Task.Run(RunAsync);
        _publish = Task.Run(PublishLoopAsync);
        Update(pod);
    }

    /// <summary>The pod as last seen.</summary>
    public V1Pod Pod => _pod;

    /// <summary>Surroundings.</summary>
    public PodServices Services { get; }

    /// <summary>Volumes, which outlive containers and sandboxes.</summary>
    public PodVolumes Volumes { get; }

    /// <summary>The namespaces now; null before the first and between two.</summary>
    public PodSandbox? Sandbox { get; private set; }

    /// <summary>The address last given.</summary>
    public string? Address { get; private set; }

    /// <summary>The node's address.</summary>
    public string HostIp => _node.Address;

    /// <summary>The node's name.</summary>
    public string NodeName => _node.Name;

    /// <summary>When the pod was accepted.</summary>
    public DateTime StartTime { get; }

    /// <summary>All containers, init containers first.</summary>
    public IEnumerable<ContainerRunner> Containers => _init.Concat(_main);

    /// <summary>Ends when the pod's processes are gone and its last words are said.</summary>
    public Task Ended => _termination;

    /// <summary>A container by name; the first one when no name is given.</summary>
    public ContainerRunner Container(string? name) => name is null ? _main[0] : Containers.First(c => c.Name == name);

    /// <summary>The pod changed.</summary>
    public void Update(V1Pod pod)
    {
        var before = _pod;
        _pod = pod;
        if (pod.DeletionTimestamp() is not null)
        {
            if (Interlocked.Exchange(ref _terminating, 1) == 0)
                _termination = Task.Run(TerminateAsync);
            return;
        }

        foreach (var runner in Containers)
        {
            runner.Poke();
            var old = before.Spec.Containers.Concat(before.Spec.InitContainers ?? []).First(c => c.Name == runner.Name);
            if (old.Image != runner.Spec.Image && runner.Process is not null)
                Restart(runner, "Container definition changed");
        }

        if (!Same(before.Labels(), pod.Labels()) || !Same(before.Annotations(), pod.Annotations()))
            _ = RefreshVolumesAsync();
        ApplyResize();
        Changed();
    }

    /// <summary>The pod is gone from the API; whatever still runs is killed.</summary>
    public void Removed()
    {
        _forced = true;
        KillAll();
        if (Interlocked.Exchange(ref _terminating, 1) == 0)
            _termination = Task.Run(TerminateAsync);
    }

    /// <summary>Brings ConfigMap, Secret and downward API volumes up to date.</summary>
    public async Task RefreshVolumesAsync()
    {
        if (Sandbox is not { } sandbox)
            return;
        try
        {
            await Volumes.SyncAsync(Pod, sandbox.Address, HostIp, _ending.Token);
        }
        catch (Exception e) when (e is PodConfigException or HttpRequestException or k8s.Autorest.HttpOperationException or IOException or OperationCanceledException)
        {
            // As with kubelet: what was there stays.
            var name = Pod.Name();
            VolumesNotRefreshed(Services.Log, name, e.Message);
        }
    }

    /// <summary>The node rebooted: every process dies, then the same pod comes back with a new address and its old volumes. Ends when the new address is known.</summary>
    public async Task RestartSandboxAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _restart = done;
        foreach (var runner in Containers)
            runner.Expect(null, noBackOff: true);
        var incarnation = _incarnation;
        if (incarnation is not null)
            await incarnation.CancelAsync();
        KillAll();
        await done.Task;
    }

    /// <summary>Kills every process of the pod at once.</summary>
    public void KillAll()
    {
        foreach (var runner in Containers)
            runner.Process?.Signal(NativeMethods.SigKill);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _ending.CancelAsync();
        KillAll();
        await Task.WhenAll(_run, _publish, _termination);
        Volumes.Dispose();
        _closed.Dispose();
        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (!_ending.IsCancellationRequested)
            {
                using var incarnation = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
                _incarnation = incarnation;
                try
                {
                    await RunIncarnationAsync(incarnation.Token);
                    // Done, or to be restarted or ended; a finished pod keeps its status until then.
                    await Task.Delay(Timeout.InfiniteTimeSpan, Services.Clock, incarnation.Token);
                }
                catch (OperationCanceledException)
                {
                }

                _incarnation = null;
                if (!_ending.IsCancellationRequested)
                    DropSandbox();
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            WorkerFailed(Services.Log, Pod.Name(), e);
        }
        finally
        {
            _restart?.TrySetResult();
        }
    }

    private async Task RunIncarnationAsync(CancellationToken cancel)
    {
        await _node.UpAsync(cancel);
        var tasks = new List<Task<int>>();
        try
        {
            Sandbox = await PodSandbox.StartAsync(Services.Host, Pod.Spec.Hostname ?? Pod.Name(), cancel);
            Address = Sandbox.Address;
            Changed();
            Interlocked.Exchange(ref _restart, null)?.TrySetResult();
            await MountVolumesAsync(cancel);
            foreach (var runner in _init)
            {
                var run = runner.RunAsync(cancel);
                tasks.Add(run);
                if (runner.IsSidecar)
                    await StartedAsync(runner, run, cancel);
                else if (await run != 0)
                    return;
            }

            var main = _main.Select(runner => runner.RunAsync(cancel)).ToList();
            tasks.AddRange(main);
            await Task.WhenAll(main);
            if (!cancel.IsCancellationRequested)
                await StopSidecarsAsync(() => TimeSpan.FromSeconds(Pod.Spec.TerminationGracePeriodSeconds ?? 30));
        }
        finally
        {
            // A cancelled runner returns when its process is gone, which is the canceller's business.
            if (cancel.IsCancellationRequested)
                await Task.WhenAll(tasks);
        }
    }

    private async Task MountVolumesAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await Volumes.SyncAsync(Pod, Sandbox!.Address, HostIp, cancel);
                return;
            }
            catch (Exception e) when (e is PodConfigException or HttpRequestException or k8s.Autorest.HttpOperationException)
            {
                await Services.Events.RecordAsync(Pod, "Warning", "FailedMount", $"MountVolume.SetUp failed: {e.Message}", cancel);
                await Task.Delay(Services.Options.RetryPeriod, Services.Clock, cancel);
            }
        }
    }

    private async Task StartedAsync(ContainerRunner runner, Task run, CancellationToken cancel)
    {
        while (!runner.Started && !run.IsCompleted)
            await Task.Delay(TimeSpan.FromMilliseconds(20), Services.Clock, cancel);
    }

    private void Restart(ContainerRunner runner, string reason)
    {
        runner.Expect(null, noBackOff: true);
        var from = Services.Clock.GetTimestamp();
        var grace = TimeSpan.FromSeconds(Pod.Spec.TerminationGracePeriodSeconds ?? 30);
        _ = runner.StopAsync(() => TimeLeft.Of(Services.Clock, grace, from), reason);
    }

    private void DropSandbox()
    {
        Sandbox?.Dispose();
        Sandbox = null;
    }

    private static bool Same(IDictionary<string, string>? a, IDictionary<string, string>? b) =>
        (a?.Count ?? 0) == (b?.Count ?? 0) && (a ?? new Dictionary<string, string>()).All(pair => b!.TryGetValue(pair.Key, out var value) && value == pair.Value);

    [LoggerMessage(Level = LogLevel.Error, Message = "Worker of pod {Pod} failed")]
    private static partial void WorkerFailed(ILogger logger, string pod, Exception error);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Volumes of pod {Pod} not refreshed: {Reason}")]
    private static partial void VolumesNotRefreshed(ILogger logger, string pod, string reason);
}
