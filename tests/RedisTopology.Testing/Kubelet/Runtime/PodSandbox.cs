using System.Diagnostics;
using System.Globalization;

namespace RedisTopology.Testing.Kubelet.Runtime;

/// <summary>What a pod's containers share: network, host name and IPC namespaces, held open by a process that sleeps (the "pause" container).</summary>
internal sealed class PodSandbox : IDisposable
{
    private static int _ports;
    private readonly RuntimeHost _host;
    private readonly Process _process;

    private PodSandbox(RuntimeHost host, Process process, int pid, string address, string device)
    {
        _host = host;
        _process = process;
        Pid = pid;
        Address = address;
        Device = device;
    }

    /// <summary>The sleeping process as the host numbers it.</summary>
    public int Pid { get; }

    /// <summary>The pod's address.</summary>
    public string Address { get; }

    /// <summary>The bridge port of this pod.</summary>
    public string Device { get; }

    /// <summary>Makes the namespaces and plugs the pod into the bridge.</summary>
    public static async Task<PodSandbox> StartAsync(RuntimeHost host, string hostName, CancellationToken cancel)
    {
        var address = host.Addresses.Take();
        try
        {
            var device = string.Create(CultureInfo.InvariantCulture, $"p{Interlocked.Increment(ref _ports)}");
            var ip = HostTools.Path("ip");
            // "netns 1" is the box's init: the script runs in the box's pid namespace, where it has that number.
            var script = $"""
                set -e
                read -r pid _ </proc/self/stat
                echo {ShellText.Quote(hostName)} >/proc/sys/kernel/hostname
                {ip} -batch - <<END
                link set lo up
                link add eth0 type veth peer name {device} netns 1
                addr add {address}/24 dev eth0
                link set eth0 up
                route add default via {host.NodeAddress(0)}
                END
                {HostTools.Path("nsenter")} --net=/proc/{host.InitPid}/ns/net {ip} link set {device} master br0 up
                echo "$pid"
                exec {HostTools.Path("sleep")} infinity >/dev/null 2>&1
                """;
            var start = new ProcessStartInfo(HostTools.Path("setsid")) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
            foreach (var argument in new[] { HostTools.Path("nsenter"), "--target", host.InitPid.ToString(CultureInfo.InvariantCulture), "--pid", "--", HostTools.Path("unshare"), "--net", "--uts", "--ipc", HostTools.Path("sh"), "-c", script })
                start.ArgumentList.Add(argument);
            var process = Process.Start(start)!;
            process.StandardInput.Close();
            if (int.TryParse(await process.StandardOutput.ReadLineAsync(cancel), CultureInfo.InvariantCulture, out var pid))
                return new PodSandbox(host, process, pid, address, device);
            throw new InvalidOperationException($"Pod sandbox failed: {await process.StandardError.ReadToEndAsync(cancel)}");
        }
        catch
        {
            host.Addresses.Return(address);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMethods.Kill(Pid, NativeMethods.SigKill);
        _host.Addresses.Return(Address);
        _process.Dispose();
    }
}
