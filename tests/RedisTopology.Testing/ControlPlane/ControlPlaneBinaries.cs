using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace RedisTopology.Testing;

/// <summary>Where the control plane's programs are, and which version they have.</summary>
internal sealed partial record ControlPlaneBinaries(string Directory, Version Kubernetes, Version Etcd)
{
    public string ApiServer => Path.Combine(Directory, "kube-apiserver");

    public string ControllerManager => Path.Combine(Directory, "kube-controller-manager");

    public string EtcdServer => Path.Combine(Directory, "etcd");

    public static async Task<ControlPlaneBinaries> FindAsync(ControlPlaneOptions options, CancellationToken ct)
    {
        var directory = options.BinaryDirectory ?? await RunScriptAsync(options.Progress, ct);
        return new ControlPlaneBinaries(
            directory,
            await VersionOfAsync(Path.Combine(directory, "kube-apiserver"), ct),
            await VersionOfAsync(Path.Combine(directory, "etcd"), ct));
    }

    private static async Task<string> RunScriptAsync(Action<string> progress, CancellationToken ct)
    {
        var start = new ProcessStartInfo(Executables.Find("bash", "Install bash.")) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "scripts", "control-plane.sh"));
        using var script = Spawner.Start(start);
        var said = new List<string>();
        script.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is null)
                return;
            lock (said)
                said.Add(e.Data);
            progress(e.Data);
        };
        script.BeginErrorReadLine();
        var output = await script.StandardOutput.ReadToEndAsync(ct);
        await script.WaitForExitAsync(ct);
        if (script.ExitCode == 0)
            return output.TrimEnd().Split('\n')[^1];
        lock (said)
            throw new MissingPrerequisiteException("A Kubernetes control plane", string.Join('\n', said.TakeLast(30)));
    }

    private static async Task<Version> VersionOfAsync(string binary, CancellationToken ct)
    {
        if (!File.Exists(binary))
            throw new MissingPrerequisiteException(binary, "Unset KUBEBUILDER_ASSETS or put it there.");
        var start = new ProcessStartInfo(binary) { RedirectStandardOutput = true };
        start.ArgumentList.Add("--version");
        using var process = Spawner.Start(start);
        var output = await process.StandardOutput.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        var match = VersionPattern().Match(output);
        return match.Success
            ? new Version(Number(match, 1), Number(match, 2), Number(match, 3))
            : throw new ProcessStartException($"{binary} --version printed no version: {output}");
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\d+)\.(\d+)\.(\d+)")]
    private static partial Regex VersionPattern();
}
