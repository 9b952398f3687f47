namespace RedisTopology.Operator.Observation;

/// <summary>
/// How often servers refused a password, as they count it themselves. A password that somebody has just written into the clients' Secret is known to whoever reads it there at once, sooner than to
/// the operator, which must not watch Secrets: the first client that is refused is the sign to read it. A client that never has the right one is not to keep the operator busy.
/// </summary>
internal sealed class RefusedClients
{
    /// <summary>How long the next sign counts for nothing, at first; twice as long after each, as far as looks are apart anyway.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Calm = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _counts = [];
    private DateTimeOffset _last = DateTimeOffset.MinValue;
    private TimeSpan _pause;

    /// <summary>When there was last a reason to read the clients' Secret; long ago when there was none.</summary>
    public DateTimeOffset Last
    {
        get
        {
            lock (_lock)
                return _last;
        }
    }

    /// <summary>Takes what a server counts.</summary>
    /// <param name="address">The server.</param>
    /// <param name="refused">How often it has refused a password since it was started.</param>
    /// <param name="now">The time.</param>
    /// <returns>True when it is more than before, and time for another look.</returns>
    public bool Notice(string address, long refused, DateTimeOffset now)
    {
        lock (_lock)
        {
            var more = _counts.TryGetValue(address, out var before) && refused > before;
            _counts[address] = refused;
            if (!more || now - _last < _pause)
                return false;
            _pause = now - _last > Calm ? Pause : _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
            _last = now;
            return true;
        }
    }
}
