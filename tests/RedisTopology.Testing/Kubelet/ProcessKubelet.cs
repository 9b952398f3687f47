using System.Collections.Concurrent;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;
using RedisTopology.Testing.Kubelet.Api;
using RedisTopology.Testing.Kubelet.Nodes;
using RedisTopology.Testing.Kubelet.Pods;
using RedisTopology.Testing.Kubelet.Runtime;
using RedisTopology.Testing.Kubelet.Storage;

namespace RedisTopology.Testing.Kubelet;

/// <summary>
/// Scheduler, kubelets, CNI, volume provisioner and container runtime of a small cluster in one object, against a real API server. Each
/// container is a real process tree in its own mount and pid namespace, each pod has a real network namespace and address, so that
/// processes can be killed, stopped and cut off from each other. No cgroups: limits are reported, not enforced. No
/// cluster DNS and no kube-proxy: pods reach each other by address.
/// </summary>
public sealed partial class ProcessKubelet : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, PodWorker> _workers = new();
    private readonly ConcurrentDictionary<string, Task> _leaving = new();
    private readonly List<Task> _loops = [];
    private readonly Kubernetes _client;
    private readonly ProcessKubeletOptions _options;
    private readonly RuntimeHost? _host;
    private readonly List<NodeAgent> _nodes;
    private readonly PodServices? _services;
    private readonly PodScheduler _scheduler;
    private readonly SimulatedPods _simulated;
    private readonly DirectoryProvisioner? _storage;
    private KubeletServer? _server;
    private readonly ObjectWatch<V1Pod, V1PodList> _podWatch;
    private readonly ObjectWatch<V1Node, V1NodeList> _nodeWatch;

    private ProcessKubelet(Kubernetes client, ProcessKubeletOptions options, RuntimeHost? host)
    {
        _client = client;
        _options = options;
        _host = host;
        var log = options.Loggers.CreateLogger<ProcessKubelet>();
        _nodes = [.. Enumerable.Range(0, options.Nodes).Select(i => new NodeAgent(client, options, i, host?.NodeAddress(i) ?? $"198.19.0.{1 + i}", log))];
        _services = host is null || options.SimulateOnly ? null : new PodServices(client, host, options, new EventRecorder(client, options.Clock, log), log);
        _storage = _services is null ? null : new DirectoryProvisioner(client, options, Path.Combine(host!.State.Disk, "claims"), log);
        _simulated = new SimulatedPods(client, options, name => Node(name)?.Address, log);
        _podWatch = new(
            (token, c) => client.CoreV1.ListPodForAllNamespacesAsync(limit: 500, continueParameter: token, cancellationToken: c),
            (version, error, c) => client.CoreV1.WatchListPodForAllNamespacesAsync(resourceVersion: version, allowWatchBookmarks: true, timeoutSeconds: 290, onError: error, cancellationToken: c),
            PodChanged,
            options.Clock,
            log);
        _nodeWatch = new(
            (token, c) => client.CoreV1.ListNodeAsync(limit: 500, continueParameter: token, cancellationToken: c),
            (version, error, c) => client.CoreV1.WatchListNodeAsync(resourceVersion: version, allowWatchBookmarks: true, timeoutSeconds: 290, onError: error, cancellationToken: c),
            (_, _) => { },
            options.Clock,
            log);
        _scheduler = new PodScheduler(client, options, LiveNodes, () => [.. _podWatch.Items], pod => _podWatch.Find(pod.Namespace(), pod.Name()) is { } now && now.Uid() == pod.Uid() && now.DeletionTimestamp() is null, log);
    }

    /// <summary>What keeps pods from running on this machine, with the remedy; null when nothing does.</summary>
    public static string? MissingPrerequisite => HostTools.MissingPrerequisite();

    /// <summary>Names of the nodes.</summary>
    public IReadOnlyList<string> NodeNames => [.. _nodes.Select(node => node.Name)];

    /// <summary>The host's network device into the pods' bridge; null without root, when pods are simulated.</summary>
    public string? HostDevice => _host?.HostDevice;

    /// <summary>Where volumes and logs are; null without root, when pods are simulated.</summary>
    public string? StateFolder => _host?.State.Disk;

    /// <summary>Starts the nodes; they are Ready when this returns. Throws <see cref="InvalidOperationException"/> naming the remedy when the machine cannot.</summary>
    public static async Task<ProcessKubelet> StartAsync(KubernetesClientConfiguration config, ProcessKubeletOptions options, CancellationToken cancellationToken)
    {
        if (!options.SimulateOnly && MissingPrerequisite is { } missing)
            throw new InvalidOperationException(missing);
        var host = MissingPrerequisite is null ? await RuntimeHost.StartAsync(options.Nodes, options.IpReuse, options.Clock, cancellationToken) : null;
        // Whoever dials a simulated pod shall find nobody, on this machine.
        if (options.SimulateOnly && host is not null)
            await CommandRunner.CheckAsync("ip", ["addr", "add", "198.19.0.1/16", "dev", host.HostDevice], null, options.Clock, cancellationToken);
        var kubelet = new ProcessKubelet(new Kubernetes(config), options, host);
        try
        {
            await kubelet.BeginAsync(cancellationToken);
            return kubelet;
        }
        catch
        {
            await kubelet.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        await Task.WhenAll(_loops);
        await Task.WhenAll(_workers.Values.Select(worker => worker.DisposeAsync().AsTask()));
        await Task.WhenAll(_leaving.Values);
        if (_host is not null)
            await _host.DisposeAsync();
        _client.Dispose();
        _stop.Dispose();
    }

    private async Task BeginAsync(CancellationToken cancel)
    {
        var stop = _stop.Token;
        await Task.WhenAll(_nodes.Select(node => node.RegisterAsync(cancel)));
        _loops.AddRange(_nodes.Select(node => node.RunAsync(stop)));
        _loops.Add(_nodeWatch.RunAsync(stop));
        await _nodeWatch.Listed.WaitAsync(cancel);
        if (_options.SimulateOnly)
            _loops.Add(_simulated.RunAsync(stop));
        if (_storage is not null)
        {
            await _storage.RegisterAsync(cancel);
            _server = await KubeletServer.StartAsync(_nodes.Select(n => n.Address), ExecAsync, Logs, SocketIn, cancel);
            AddStorageAndConfigWatches(stop);
        }

        _loops.Add(_scheduler.RunAsync(stop));
        _loops.Add(_podWatch.RunAsync(stop));
        await _podWatch.Listed.WaitAsync(cancel);
    }

    private void PodChanged(WatchEventType type, V1Pod pod)
    {
        var uid = pod.Uid();
        if (type == WatchEventType.Deleted)
        {
            _scheduler.Forget(uid);
            _simulated.Forget(uid);
            if (_workers.TryRemove(uid, out var gone))
                Leave(uid, gone);
            return;
        }

        if (string.IsNullOrEmpty(pod.Spec.NodeName))
        {
            if (pod.DeletionTimestamp() is null && pod.Spec.SchedulerName is null or "default-scheduler")
                _scheduler.Offer(pod);
            return;
        }

        if (Node(pod.Spec.NodeName) is not { } node)
            return;
        _scheduler.Forget(uid);
        if (_services is null)
        {
            _simulated.Offer(pod);
            return;
        }

        // A pod of the same name and another uid is another pod.
        foreach (var (other, worker) in _workers.Where(w => w.Key != uid && w.Value.Pod.Name() == pod.Name() && w.Value.Pod.Namespace() == pod.Namespace()))
        {
            if (_workers.TryRemove(other, out _))
                Leave(other, worker);
        }

        if (_workers.TryGetValue(uid, out var known))
            known.Update(pod);
        else if (pod.Status?.Phase is not ("Succeeded" or "Failed") || pod.DeletionTimestamp() is not null)
            _workers[uid] = new PodWorker(_services, node, pod);
    }

    private void Leave(string uid, PodWorker worker)
    {
        worker.Removed();
        _leaving[uid] = Task.Run(async () =>
        {
            await worker.Ended;
            await worker.DisposeAsync();
            _leaving.TryRemove(uid, out _);
        });
    }

    private List<V1Node> LiveNodes() =>
        [.. _nodeWatch.Items.Where(n => n.Spec?.Unschedulable != true && Node(n.Name()) is { IsUp: true })];

    private NodeAgent? Node(string name) => _nodes.Find(node => node.Name == name);
}
