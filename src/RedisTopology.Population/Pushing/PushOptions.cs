namespace RedisTopology.Population;

/// <summary>How to push.</summary>
public sealed record PushOptions
{
    /// <summary>What happens to what is there already. Default <see cref="PushMode.Add"/>.</summary>
    public PushMode Mode { get; init; }

    /// <summary>How long an entry without a time of its own is kept, before jitter. Default 10 minutes.</summary>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>By how many percent each time is varied, up and down. Default 10; 1 to 50: without it, what was pushed together would expire together.</summary>
    public double JitterPercent { get; init; } = 10;

    /// <summary>How many entries per second a shard is given at most. Default 50,000.</summary>
    public int RatePerShard { get; init; } = 50_000;

    /// <summary>How many entries may be on their way at once: what bounds the memory. Default 128; it begins with 16 and shrinks while the foreground is slow.</summary>
    public int Window { get; init; } = 128;

    /// <summary>How long commands of others take at present; null when nobody knows. Asked a few times a second.</summary>
    public Func<TimeSpan?>? ForegroundLatency { get; init; }

    /// <summary>While the foreground is slower than this, fewer entries are under way. Default 2 milliseconds.</summary>
    public TimeSpan ForegroundLimit { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>How often progress is reported. Default once a second.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many entries were dealt with by an earlier push that was interrupted: counted into the cursor, not skipped in the source. Default 0.</summary>
    public long Cursor { get; init; }
}
