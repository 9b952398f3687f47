namespace RedisTopology.Population;

/// <summary>How long who waits for another's lease waits before looking again: longer each time, each a little different.</summary>
internal struct Backoff(Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(4), Longest = TimeSpan.FromMilliseconds(100);
    private TimeSpan _next = First;

    /// <summary>The next wait.</summary>
    /// <param name="atMost">What is waited for ends then by itself, at the latest.</param>
    /// <returns>Between half of the step and all of it; the step doubles up to 100 ms.</returns>
    public TimeSpan Next(TimeSpan atMost)
    {
        var step = _next;
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        if (atMost > TimeSpan.Zero && atMost < step)
            step = atMost + TimeSpan.FromMilliseconds(1);
        return step * (0.5 + (random.NextDouble() / 2));
    }
}
