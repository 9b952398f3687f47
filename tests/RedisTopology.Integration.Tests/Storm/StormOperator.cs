using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests.Storm;

/// <summary>The operator of a storm: one process after another, all with one log.</summary>
internal sealed class StormOperator(string kubeconfig, string @namespace, CancellationToken cancel) : IAsyncDisposable
{
    private readonly TestDirectory _directory = TestDirectory.Create("storm-operator");
    private OperatorExecutable? _running;

    /// <summary>The log of all of them.</summary>
    public string LogPath => _directory["operator.log"];

    public async Task StartAsync() => _running = await OperatorExecutable.StartAsync(kubeconfig, @namespace, cancel, log: LogPath);

    /// <summary>SIGKILL, or SIGTERM.</summary>
    /// <param name="grace">How long it may take to end by itself; null for SIGKILL.</param>
    public async Task EndAsync(TimeSpan? grace)
    {
        if (grace is { } given)
            await _running!.StopAsync(given);
        await _running!.DisposeAsync();
        _running = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_running is not null)
            await _running.DisposeAsync();
        _directory.Dispose();
    }
}
