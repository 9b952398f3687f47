using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests.Harness;

/// <summary>The operator as people run it, a process of its own, for what cannot be done to one in this process: SIGKILL.</summary>
internal sealed class OperatorExecutable : IAsyncDisposable
{
    private readonly ManagedProcess _process;
    private readonly TestDirectory _directory;

    private OperatorExecutable(ManagedProcess process, TestDirectory directory) => (_process, _directory) = (process, directory);

    /// <summary>Starts it and waits until it has said that it reconciles.</summary>
    /// <param name="kubeconfig">The API server and who it is there.</param>
    /// <param name="namespace">What it looks after.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="httpPort">Of its metrics, on 127.0.0.1; any when 0.</param>
    /// <param name="log">The file its log is appended to; null for one that goes with it.</param>
    public static async Task<OperatorExecutable> StartAsync(string kubeconfig, string @namespace, CancellationToken cancel, int httpPort = 0, string? log = null)
    {
        var directory = TestDirectory.Create("operator");
        var process = ManagedProcess.Start(
            Path.Combine(AppContext.BaseDirectory, "redis-topology-operator"),
            ["run", "--kubeconfig", kubeconfig, "--leader-election", "false", "--watch-namespaces", @namespace, "--http-address", "127.0.0.1", "--http-port", httpPort.ToString(System.Globalization.CultureInfo.InvariantCulture)],
            log ?? directory["operator.log"]);
        var running = new OperatorExecutable(process, directory);
        try
        {
            await Eventually.ThatAsync(
                () => Task.FromResult(process.LogTail()), log => process.HasExited ? throw new InvalidOperationException(log) : log.Length > 0, TimeSpan.FromSeconds(60), ct: cancel);
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>SIGTERM, and SIGKILL when it has not ended within <paramref name="grace"/>.</summary>
    public Task StopAsync(TimeSpan grace) => _process.StopAsync(grace);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }
}
