namespace RedisTopology.Population;

/// <summary>How the keys of one kind are populated. Immutable.</summary>
public sealed record PopulationPolicy
{
    /// <summary>How long a value is fresh. Default 10 minutes; the sidecar and the library both ask for it by name. At least 1 ms.</summary>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>By how many percent <see cref="Ttl"/> is varied at random, up and down, so that what was stored together does not expire together. Default 10; 0 to 50.</summary>
    public double JitterPercent { get; init; } = 10;

    /// <summary>How long a value is kept after it is no longer fresh: served while it is renewed in the background, or while the origin is down. Default none.</summary>
    public TimeSpan Stale { get; init; }

    /// <summary>How long the origin's "not found" is remembered. Default 5 seconds; zero: not at all.</summary>
    public TimeSpan NegativeTtl { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one call of the origin may take. Default 2 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many calls of the origin may be under way in this process. Default 50.</summary>
    public int MaxConcurrency { get; init; } = 50;

    /// <summary>How many replicas are to have a written value before the write is acknowledged. Default 0.</summary>
    public int WaitReplicas { get; init; }

    /// <summary>How long is waited for them. Default 1 second.</summary>
    public TimeSpan WaitReplicasTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The β of XFetch: above 0, a value is renewed ahead of time with a probability that grows towards its end, the earlier the slower the origin is. 1 is the usual choice; default 0: off.
    /// </summary>
    /// <remarks>A. Vattani, F. Chierichetti, K. Lowenstein: Optimal Probabilistic Cache Stampede Prevention, VLDB 2015.</remarks>
    public double EarlyRefreshBeta { get; init; }

    /// <summary>How long a lease is held at most: a second more than the origin may take, for the way there and back. A loader that dies is succeeded after it.</summary>
    public TimeSpan Lease => Timeout + TimeSpan.FromSeconds(1);

    /// <summary>How long a caller waits in all: for the lease of one who died, and for an origin call of its own.</summary>
    public TimeSpan Deadline => Lease + Timeout + TimeSpan.FromSeconds(1);

    /// <summary>Whether hits have to be looked at for their remaining time.</summary>
    public bool RefreshesAhead => Stale > TimeSpan.Zero || EarlyRefreshBeta > 0;

    /// <summary>Looks whether every value is possible.</summary>
    /// <returns>This policy.</returns>
    /// <exception cref="ArgumentOutOfRangeException">One is not; its name and range are in the message.</exception>
    public PopulationPolicy Validated()
    {
        Check(nameof(Ttl), Ttl >= TimeSpan.FromMilliseconds(1) && Ttl <= TimeSpan.FromDays(3650), "1 ms to 3650 days");
        Check(nameof(JitterPercent), JitterPercent is >= 0 and <= 50, "0 to 50");
        Check(nameof(Stale), Stale >= TimeSpan.Zero && Stale <= TimeSpan.FromDays(3650), "0 to 3650 days");
        Check(nameof(NegativeTtl), NegativeTtl >= TimeSpan.Zero && NegativeTtl <= TimeSpan.FromDays(3650), "0 to 3650 days");
        Check(nameof(Timeout), Timeout >= TimeSpan.FromMilliseconds(1) && Timeout <= TimeSpan.FromMinutes(10), "1 ms to 10 minutes");
        Check(nameof(MaxConcurrency), MaxConcurrency is >= 1 and <= 100_000, "1 to 100000");
        Check(nameof(WaitReplicas), WaitReplicas is >= 0 and <= 9, "0 to 9");
        Check(nameof(WaitReplicasTimeout), WaitReplicasTimeout >= TimeSpan.FromMilliseconds(1) && WaitReplicasTimeout <= TimeSpan.FromMinutes(10), "1 ms to 10 minutes");
        Check(nameof(EarlyRefreshBeta), EarlyRefreshBeta is >= 0 and <= 100, "0 to 100");
        return this;

        static void Check(string name, bool holds, string range)
        {
            if (!holds)
                throw new ArgumentOutOfRangeException(name, $"must be {range}");
        }
    }
}
