using System.Diagnostics;
using RedisTopology.Testing;

namespace RedisTopology.Bench.Scale;

/// <summary>
/// Simulated pods have addresses of 198.19.0.0/16 that nothing on this machine owns, and the operator connects to them. So all of it runs in a network
/// namespace that has loopback and nothing else: no packet can leave, and nothing is left to undo when the benchmark is killed.
/// </summary>
internal static class NetworkSandbox
{
    /// <summary>Runs this program once more, inside.</summary>
    public static async Task RunAgainAsync(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var environment = new Dictionary<string, string?>();
        if (Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") is null)
            environment["KUBEBUILDER_ASSETS"] = await ControlPlaneBinariesAsync(cancel);

        // The local route makes the kernel itself every simulated pod: a connection meets a listener here, or is refused at once.
        const string Enter = "ip link set lo up && ip route add local 198.19.0.0/16 dev lo && exec \"$@\"";
        var start = new ProcessStartInfo(Executables.Find("unshare", "Install util-linux."));
        foreach (var argument in (string[])["--net", "--", "sh", "-c", Enter, "sh", Environment.ProcessPath!, "--sandboxed", .. arguments])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Spawner.Start(start);
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"The benchmark in its own network namespace ended with {process.ExitCode}; it needs root.");
    }

    /// <summary>Found, downloaded or built out here, where there is a network.</summary>
    private static async Task<string> ControlPlaneBinariesAsync(CancellationToken cancel)
    {
        var start = new ProcessStartInfo(Executables.Find("bash", "Install bash.")) { RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "scripts", "control-plane.sh"));
        using var script = Spawner.Start(start);
        var output = await script.StandardOutput.ReadToEndAsync(cancel);
        await script.WaitForExitAsync(cancel);
        return script.ExitCode == 0 ? output.TrimEnd().Split('\n')[^1] : throw new InvalidOperationException("There is no control plane to be had, see above.");
    }
}
