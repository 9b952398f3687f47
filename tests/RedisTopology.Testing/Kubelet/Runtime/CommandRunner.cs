using System.Diagnostics;

namespace RedisTopology.Testing.Kubelet.Runtime;

/// <summary>Runs a short-lived program to its end.</summary>
internal static class CommandRunner
{
    /// <summary>Runs a host program; on expiry or cancellation the program and its children are killed and the exit code is -1.</summary>
    public static async Task<ExecResult> RunAsync(
        string tool, IEnumerable<string> arguments, string? input, IReadOnlyDictionary<string, string>? environment, TimeSpan timeout, TimeProvider clock, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(HostTools.Path(tool))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        if (environment is not null)
        {
            start.Environment.Clear();
            foreach (var (key, value) in environment)
                start.Environment[key] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{tool} did not start");
        using var expiry = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancel);
        try
        {
            if (input is not null)
                await process.StandardInput.WriteAsync(input.AsMemory(), either.Token);
            process.StandardInput.Close();
            var stdout = process.StandardOutput.ReadToEndAsync(either.Token);
            var stderr = process.StandardError.ReadToEndAsync(either.Token);
            await process.WaitForExitAsync(either.Token);
            return new ExecResult(process.ExitCode, await stdout, await stderr);
        }
        catch (OperationCanceledException)
        {
            KillTree(process);
            cancel.ThrowIfCancellationRequested();
            return new ExecResult(-1, "", $"timed out after {timeout.TotalSeconds:0.###} s");
        }
    }

    /// <summary>Runs a host program that has to succeed.</summary>
    public static async Task CheckAsync(string tool, IEnumerable<string> arguments, string? input, TimeProvider clock, CancellationToken cancel)
    {
        var list = arguments.ToList();
        var result = await RunAsync(tool, list, input, null, TimeSpan.FromSeconds(20), clock, cancel);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"{tool} {string.Join(' ', list)} failed with {result.ExitCode}: {result.Stderr}{input}");
    }

    // nsenter forks into the pid namespace, and a stopped child does not hear its parent's death: children go first.
    private static void KillTree(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
        }
        catch (System.ComponentModel.Win32Exception)
        {
        }
    }
}
