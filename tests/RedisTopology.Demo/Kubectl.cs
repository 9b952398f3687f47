using System.Diagnostics;
using RedisTopology.Testing;

namespace RedisTopology.Demo;

/// <summary>The kubectl on PATH, for one cluster.</summary>
internal sealed class Kubectl
{
    private readonly string _program;
    private readonly string _kubeconfig;

    private Kubectl(string program, string kubeconfig) => (_program, _kubeconfig) = (program, kubeconfig);

    /// <summary>Finds it; null when there is none.</summary>
    public static Kubectl? Find(string kubeconfig) => Executables.TryFind("kubectl") is { } program ? new Kubectl(program, kubeconfig) : null;

    /// <summary>Runs it; returns what it printed, or null when it failed.</summary>
    public async Task<string?> TryRunAsync(IEnumerable<string> arguments, CancellationToken cancel, string? input = null)
    {
        var start = new ProcessStartInfo(_program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["--kubeconfig", _kubeconfig, .. arguments])
            start.ArgumentList.Add(argument);
        using var process = Spawner.Start(start);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancel);
            var output = process.StandardOutput.ReadToEndAsync(cancel);
            await WriteAsync(process.StandardInput, input);
            await process.WaitForExitAsync(cancel);
            await errors;
            return process.ExitCode == 0 ? await output : null;
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    private static async Task WriteAsync(StreamWriter standardInput, string? input)
    {
        try
        {
            await standardInput.WriteAsync(input);
            standardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; its exit code says the rest.
        }
    }
}
