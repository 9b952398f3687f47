using RedisTopology.Testing;

namespace RedisTopology.Demo;

/// <summary>The operator, as a process of its own on this machine.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private readonly ManagedProcess _process;
    private readonly PortLease _port;

    private OperatorProcess(ManagedProcess process, PortLease port) => (_process, _port) = (process, port);

    /// <summary>Where it logs.</summary>
    public string LogPath => _process.LogPath;

    /// <summary>Starts it for one namespace and waits until it is ready.</summary>
    public static async Task<OperatorProcess> StartAsync(string kubeconfig, string @namespace, string directory, CancellationToken cancel)
    {
        var port = PortLease.Take();
        var process = ManagedProcess.Start(
            Executables.Find("dotnet", "Install the .NET SDK 10 (https://dotnet.microsoft.com/download)."),
            [
                Path.Combine(AppContext.BaseDirectory, "redis-topology-operator.dll"), "run", "--kubeconfig", kubeconfig, "--watch-namespaces", @namespace,
                "--leader-election", "false", "--http-address", "127.0.0.1", "--http-port", $"{port.Port}",
            ],
            Path.Combine(directory, "operator.log"));
        var running = new OperatorProcess(process, port);
        try
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
            await Eventually.ThatAsync(
                async () => process.HasExited || (await http.GetAsync(new Uri($"http://127.0.0.1:{port.Port}/readyz"), cancel)).IsSuccessStatusCode,
                ready => ready,
                TimeSpan.FromSeconds(120),
                ct: cancel,
                expectation: "the operator is ready");
            running.ThrowIfEnded();
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.StopAsync(TimeSpan.FromSeconds(10));
        await _process.DisposeAsync();
        _port.Dispose();
    }

    private void ThrowIfEnded()
    {
        if (_process.HasExited)
            throw new DemoException($"the operator ended with exit code {_process.ExitCode}:\n{_process.LogTail()}");
    }
}
