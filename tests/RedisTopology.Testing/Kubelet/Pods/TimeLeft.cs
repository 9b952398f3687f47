namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>
/// What is left of a wait, never less than nothing. The clock goes on between a look at it and the next: a delay of -1 ms lasts for ever, and a shorter one throws.
/// </summary>
internal static class TimeLeft
{
    /// <summary>What is left.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="wait">How long the wait is.</param>
    /// <param name="began">The clock's timestamp when it began.</param>
    /// <returns>The rest; zero when it is over.</returns>
    public static TimeSpan Of(TimeProvider clock, TimeSpan wait, long began) => wait - clock.GetElapsedTime(began) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
