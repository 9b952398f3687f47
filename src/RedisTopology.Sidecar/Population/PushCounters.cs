namespace RedisTopology.Sidecar.Population;

/// <summary>What all pushes together have come to.</summary>
internal sealed class PushCounters
{
    private long _stored, _skipped, _failed, _running;

    public long Stored => Interlocked.Read(ref _stored);

    public long Skipped => Interlocked.Read(ref _skipped);

    public long Failed => Interlocked.Read(ref _failed);

    public long Running => Interlocked.Read(ref _running);

    public void Add(long stored, long skipped, long failed)
    {
        Interlocked.Add(ref _stored, stored);
        Interlocked.Add(ref _skipped, skipped);
        Interlocked.Add(ref _failed, failed);
    }

    public void Begin() => Interlocked.Increment(ref _running);

    public void End() => Interlocked.Decrement(ref _running);
}
