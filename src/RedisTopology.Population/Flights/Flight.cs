namespace RedisTopology.Population;

/// <summary>One load of one key, shared by all of this process that want it meanwhile.</summary>
/// <remarks>
/// What a flight brings back was true at one moment. Whoever joined after that moment may have had a write acknowledged in between, and must not be given
/// what was true before it: each step has a number, a reader remembers the number at which it joined, and takes only what was looked at in a later step.
/// </remarks>
internal sealed class Flight
{
    private int _step;

    /// <summary>Ends when the flight does.</summary>
    public Task<FlightEnd> End { get; set; } = null!;

    /// <summary>The step it is in.</summary>
    public int Step => Volatile.Read(ref _step);

    /// <summary>Begins the next step.</summary>
    /// <returns>Its number, 1 or more.</returns>
    public int Begin() => Interlocked.Increment(ref _step);
}
