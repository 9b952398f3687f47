using System.Runtime.InteropServices;

namespace RedisTopology.Sidecar.Host;

/// <summary>SIGTERM and SIGINT: the first asks to end in order; a second one is left to the system, which ends the process at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    public StopSignals() => _registrations = [.. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT }.Select(s => PosixSignalRegistration.Create(s, Handle))];

    /// <summary>Cancelled with the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
            return;
        context.Cancel = true;
        // Not here: what waits for it would go on in the signal's own thread.
        _ = Task.Run(_source.Cancel);
    }
}
