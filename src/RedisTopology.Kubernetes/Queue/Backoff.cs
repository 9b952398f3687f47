namespace RedisTopology.Kubernetes;

/// <summary>Exponential back-off with jitter: a delay is drawn between half of its step and the whole, so that what failed together does not retry together.</summary>
internal sealed class Backoff(TimeSpan min, TimeSpan max)
{
    private int _failures;

    public void Reset() => Volatile.Write(ref _failures, 0);

    public TimeSpan Next() => Delay(Interlocked.Increment(ref _failures), min, max);

    /// <param name="failures">Failures so far, at least 1.</param>
    /// <param name="min">The step after the first.</param>
    /// <param name="max">The largest step.</param>
    public static TimeSpan Delay(int failures, TimeSpan min, TimeSpan max)
    {
        var step = Math.Min(max.TotalMilliseconds, min.TotalMilliseconds * Math.Pow(2, Math.Clamp(failures - 1, 0, 40)));
#pragma warning disable CA5394 // Not a secret.
        return TimeSpan.FromMilliseconds(step * (0.5 + (Random.Shared.NextDouble() * 0.5)));
#pragma warning restore CA5394
    }
}
