using RedisTopology.Testing.Kubelet.Runtime;

namespace RedisTopology.Testing.Kubelet;

/// <summary>Real network faults: packets vanish on the bridge, established connections included, without RST or ICMP.</summary>
public sealed partial class ProcessKubelet
{
    private RuntimeHost Network => _services?.Host ?? throw new InvalidOperationException("Simulated pods have no network");

    /// <summary>Cuts a pod off from every other pod and from the host (the operator).</summary>
    public Task PartitionAsync(string pod, CancellationToken cancellationToken = default) => ApplyAsync(f => f.Isolate(AddressOf(pod)), cancellationToken);

    /// <summary>Cuts a pod off from every other pod, while the host (the operator) still reaches it.</summary>
    public Task PartitionFromPodsAsync(string pod, CancellationToken cancellationToken = default) =>
        PartitionAsync([pod], Pods.Select(p => $"{p.Namespace}/{p.Name}").Where(p => AddressOf(p) != AddressOf(pod)), cancellationToken);

    /// <summary>Cuts a pod off from the host (the operator), while every other pod still reaches it.</summary>
    public Task PartitionFromHostAsync(string pod, CancellationToken cancellationToken = default) => ApplyAsync(
        f =>
        {
            foreach (var host in Enumerable.Range(0, _options.Nodes).Select(Network.NodeAddress))
            {
                f.Cut(AddressOf(pod), host);
                f.Cut(host, AddressOf(pod));
            }
        },
        cancellationToken);

    /// <summary>Cuts every pod of one set off from every pod of the other, both ways.</summary>
    public Task PartitionAsync(IEnumerable<string> left, IEnumerable<string> right, CancellationToken cancellationToken = default)
    {
        var others = right.Select(AddressOf).ToList();
        return ApplyAsync(
            f =>
            {
                foreach (var (a, b) in left.Select(AddressOf).SelectMany(a => others.Select(b => (a, b))))
                {
                    f.Cut(a, b);
                    f.Cut(b, a);
                }
            },
            cancellationToken);
    }

    /// <summary>Drops what one pod sends to another; the other way still works. Null stands for everyone.</summary>
    public Task DropAsync(string? from, string? to, CancellationToken cancellationToken = default)
    {
        if (from is null && to is null)
            throw new ArgumentException("One side has to be a pod", nameof(from));
        return ApplyAsync(f => f.Cut(from is null ? "" : AddressOf(from), to is null ? "" : AddressOf(to)), cancellationToken);
    }

    /// <summary>Drops TCP from and to one port, as the pod's own or its peer's. Default 16379, the cluster bus: clients work, gossip does not.</summary>
    public Task PartitionPortAsync(string pod, int port = 16379, CancellationToken cancellationToken = default) => ApplyAsync(f => f.CutPort(AddressOf(pod), port), cancellationToken);

    /// <summary>Ends every fault a pod takes part in.</summary>
    public Task HealAsync(string pod, CancellationToken cancellationToken = default) => ApplyAsync(f => f.Heal(AddressOf(pod)), cancellationToken);

    /// <summary>Ends every fault.</summary>
    public Task HealAllAsync(CancellationToken cancellationToken = default) => ApplyAsync(f => f.HealAll(), cancellationToken);

    /// <summary>Whether <see cref="DelayAsync"/> works here: the kernel has netem (sch_netem).</summary>
    public async Task<bool> CanDelayAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await Network.CheckInBoxAsync("tc", ["qdisc", "replace", "dev", "up0", "root", "netem", "delay", "0ms"], null, cancellationToken);
            await Network.CheckInBoxAsync("tc", ["qdisc", "del", "dev", "up0", "root"], null, cancellationToken);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Delays packets to a pod and loses a share of them (0 to 100 %). Throws <see cref="InvalidOperationException"/> where the kernel has no netem.</summary>
    public Task DelayAsync(string pod, TimeSpan delay, double lossPercent = 0, CancellationToken cancellationToken = default)
    {
        var sandbox = Worker(pod).Sandbox ?? throw new InvalidOperationException($"{pod} has no network now");
        return Network.CheckInBoxAsync(
            "tc", ["qdisc", "replace", "dev", sandbox.Device, "root", "netem", "delay", FormattableString.Invariant($"{delay.TotalMilliseconds:0.###}ms"), "loss", FormattableString.Invariant($"{lossPercent:0.###}%")], null, cancellationToken);
    }

    private Task ApplyAsync(Action<NetworkFaults> change, CancellationToken cancel)
    {
        change(Network.Faults);
        return Network.ApplyFaultsAsync(cancel);
    }

    private string AddressOf(string pod) => Worker(pod).Address ?? throw new InvalidOperationException($"{pod} has no address yet");
}
