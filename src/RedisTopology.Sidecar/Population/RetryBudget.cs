namespace RedisTopology.Sidecar.Population;

/// <summary>How many calls of an origin may be repeated: one for every five first ones, so that an origin in trouble is given a fifth more to do and not twice as much.</summary>
internal sealed class RetryBudget
{
    private const int PerCall = 1, PerRetry = 5, Most = 50;
    private int _credit = Most;

    /// <summary>A first call.</summary>
    public void Earn()
    {
        var credit = Volatile.Read(ref _credit);
        if (credit < Most)
            Interlocked.CompareExchange(ref _credit, credit + PerCall, credit);
    }

    /// <summary>Whether a call may be repeated now.</summary>
    /// <returns>True when it may: it is paid for.</returns>
    public bool TrySpend()
    {
        var credit = Volatile.Read(ref _credit);
        return credit >= PerRetry && Interlocked.CompareExchange(ref _credit, credit - PerRetry, credit) == credit;
    }
}
