namespace RedisTopology.Kubernetes;

/// <summary>A token cancelled when nothing was heard for a while. A dead connection without a reset says nothing at all; only a clock ends it.</summary>
internal sealed class ReadDeadline : IDisposable
{
    private readonly TimeSpan _after;
    private readonly CancellationToken _outer;
    private readonly CancellationTokenSource _clock;
    private readonly CancellationTokenSource _either;

    public ReadDeadline(TimeSpan after, TimeProvider time, CancellationToken outer)
    {
        (_after, _outer) = (after, outer);
        _clock = new CancellationTokenSource(after, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_clock.Token, outer);
    }

    public CancellationToken Token => _either.Token;

    /// <summary>True when the time ran out, rather than the outer token being cancelled.</summary>
    public bool HasPassed => _clock.IsCancellationRequested && !_outer.IsCancellationRequested;

    public void Restart() => _clock.CancelAfter(_after);

    public void Dispose()
    {
        _either.Dispose();
        _clock.Dispose();
    }
}
