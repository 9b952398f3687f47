using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests.Storm;

/// <summary>The operator of a storm: one process after another, all with one log, behind a proxy before the API server.</summary>
internal sealed class StormOperator(FaultProxy api, string @namespace, CancellationToken cancel) : IAsyncDisposable
{
    private readonly TestDirectory _directory = TestDirectory.Create("storm-operator");
    private OperatorExecutable? _running;

    /// <summary>The log of all of them.</summary>
    public string LogPath => _directory["operator.log"];

    /// <summary>What the operator takes for the API server.</summary>
    public FaultProxy Api => api;

    public async Task StartAsync() => _running = await OperatorExecutable.StartAsync(api.KubeconfigPath, @namespace, cancel, log: LogPath);

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
        await api.DisposeAsync();
        _directory.Dispose();
    }
}
