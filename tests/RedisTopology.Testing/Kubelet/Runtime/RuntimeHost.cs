using System.Diagnostics;
using System.Globalization;

namespace RedisTopology.Testing.Kubelet.Runtime;

/// <summary>
/// The box every pod lives in: a pid namespace, whose init ends with this process, and a network namespace with the bridge. Its init reads
/// a pipe this process holds; when the pipe closes - on dispose or because this process was killed - init ends, the kernel
/// kills every process in the box, and with the last process go its mounts, its network namespaces and both ends of the host's veth.
/// The bridge is not in the host's own namespace, so a host firewall (Docker's FORWARD DROP) cannot eat pod traffic.
/// </summary>
internal sealed class RuntimeHost : IAsyncDisposable
{
    private static int _instances;
    private readonly Process _outer;
    private readonly SubnetClaim _subnet;
    private readonly SemaphoreSlim _ruleGate = new(1);

    private RuntimeHost(Process outer, int initPid, SubnetClaim subnet, StateDirectory state, PodAddresses addresses, string hostDevice, TimeProvider clock)
    {
        _outer = outer;
        _subnet = subnet;
        InitPid = initPid;
        State = state;
        Addresses = addresses;
        HostDevice = hostDevice;
        Clock = clock;
    }

    /// <summary>The box's init as the host numbers it.</summary>
    public int InitPid { get; }

    /// <summary>Volumes, logs, roots.</summary>
    public StateDirectory State { get; }

    /// <summary>Pod addresses of this box's /24.</summary>
    public PodAddresses Addresses { get; }

    /// <summary>The host's end of the veth into the box.</summary>
    public string HostDevice { get; }

    /// <summary>The clock for timeouts.</summary>
    public TimeProvider Clock { get; }

    /// <summary>Pod traffic that is dropped.</summary>
    public NetworkFaults Faults { get; } = new();

    /// <summary>Address of a node: 198.18.n.1 is the first; pods start at .40.</summary>
    public string NodeAddress(int node) => string.Create(CultureInfo.InvariantCulture, $"198.18.{_subnet.Octet}.{1 + node}");

    /// <summary>Makes the box.</summary>
    public static async Task<RuntimeHost> StartAsync(int nodes, PodIpReuse reuse, TimeProvider clock, CancellationToken cancel)
    {
        await SweepAsync(clock, cancel);
        var subnet = SubnetClaim.Take();
        var state = StateDirectory.Create();
        var device = string.Create(CultureInfo.InvariantCulture, $"rtk{Environment.ProcessId}-{Interlocked.Increment(ref _instances)}");

        // The outer shell survives this process for the moment it takes to remove the files. SIGCHLD ignored: init leaves no zombies.
        var inner = $"trap '' CHLD; {HostTools.Path("ip")} link add br0 type bridge forward_delay 0 && {HostTools.Path("ip")} link set br0 up && read -r pid _ </proc/self/stat && echo \"$pid\" && exec {HostTools.Path("cat")} >/dev/null";
        var script = $"{HostTools.Path("unshare")} --pid --fork --mount --net {HostTools.Path("sh")} -c {ShellText.Quote(inner)}; exec {HostTools.Path("rm")} -rf {ShellText.Quote(state.Disk)} {ShellText.Quote(state.Memory)}";
        var start = new ProcessStartInfo(HostTools.Path("setsid")) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var argument in new[] { HostTools.Path("sh"), "-c", script })
            start.ArgumentList.Add(argument);
        var outer = Process.Start(start)!;
        var line = await outer.StandardOutput.ReadLineAsync(cancel);
        if (!int.TryParse(line, CultureInfo.InvariantCulture, out var initPid))
        {
            var why = await outer.StandardError.ReadToEndAsync(cancel);
            subnet.Dispose();
            throw new InvalidOperationException($"Namespaces could not be made: {why}. Remedy: run as root outside of an unprivileged container.");
        }

        var prefix = $"198.18.{subnet.Octet}";
        var host = new RuntimeHost(outer, initPid, subnet, state, new PodAddresses(Enumerable.Range(40, 210).Select(n => $"{prefix}.{n}"), reuse), device, clock);
        var batch = new List<string> { $"link add {device} type veth peer name up0 netns {initPid}" };
        batch.AddRange(Enumerable.Range(0, nodes).Select(n => $"addr add {host.NodeAddress(n)}/24 dev {device}"));
        batch.Add($"link set {device} up");
        await CommandRunner.CheckAsync("ip", ["-batch", "-"], string.Join('\n', batch) + "\n", clock, cancel);
        await host.CheckInBoxAsync("ip", ["link", "set", "up0", "master", "br0", "up"], null, cancel);
        return host;
    }

    /// <summary>Puts <see cref="Faults"/> into force; one nftables transaction.</summary>
    public async Task ApplyFaultsAsync(CancellationToken cancel)
    {
        await _ruleGate.WaitAsync(cancel);
        try
        {
            await CheckInBoxAsync("nft", ["-f", "-"], Faults.ToRuleset(), cancel);
        }
        finally
        {
            _ruleGate.Release();
        }
    }

    /// <summary>Runs a program in the box's network namespace; it has to succeed.</summary>
    public Task CheckInBoxAsync(string tool, IEnumerable<string> arguments, string? input, CancellationToken cancel) =>
        CommandRunner.CheckAsync("nsenter", [$"--net=/proc/{InitPid}/ns/net", "--", HostTools.Path(tool), .. arguments], input, Clock, cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _outer.StandardInput.Close();
        NativeMethods.Kill(InitPid, NativeMethods.SigKill);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), Clock);
        try
        {
            await _outer.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // What is left is swept by the next start.
        }

        // The namespace is torn down by a kernel worker a moment after its last process; asking is quicker than waiting.
        await DeleteDeviceAsync(HostDevice, Clock, CancellationToken.None);
        _outer.Dispose();
        State.Dispose();
        _subnet.Dispose();
        _ruleGate.Dispose();
    }

    /// <summary>Removes devices and folders whose owner no longer runs.</summary>
    public static async Task SweepAsync(TimeProvider clock, CancellationToken cancel)
    {
        foreach (var device in Directory.EnumerateFileSystemEntries("/sys/class/net", "rtk*").Select(Path.GetFileName))
        {
            if (int.TryParse(device![3..].Split('-')[0], CultureInfo.InvariantCulture, out var pid) && !Directory.Exists($"/proc/{pid}"))
                await DeleteDeviceAsync(device, clock, cancel);
        }

        StateDirectory.SweepLeftovers();
    }

    private static Task<ExecResult> DeleteDeviceAsync(string device, TimeProvider clock, CancellationToken cancel) =>
        CommandRunner.RunAsync("ip", ["link", "del", device], null, null, TimeSpan.FromSeconds(10), clock, cancel);
}
