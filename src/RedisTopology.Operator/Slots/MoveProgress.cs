namespace RedisTopology.Operator.Slots;

/// <summary>What this process has moved from one shard to another since that began. For reports only.</summary>
/// <param name="source">The shard slots are taken from.</param>
/// <param name="target">The shard they are given to.</param>
internal sealed class MoveProgress(string source, string target)
{
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(60);

    private long _slots;
    private long _keys;
    private int _failures;
    private (string Why, DateTimeOffset Until) _rest;

    /// <summary>The shard slots are taken from.</summary>
    public string Source { get; } = source;

    /// <summary>The shard they are given to.</summary>
    public string Target { get; } = target;

    /// <summary>Slots handed over.</summary>
    public long Slots => Interlocked.Read(ref _slots);

    /// <summary>Keys handed over one by one; those of an atomic migration are not counted.</summary>
    public long Keys => Interlocked.Read(ref _keys);

    /// <summary>The size of batches that has proven itself.</summary>
    public BatchSizer Batches { get; } = new();

    /// <summary>Counts slots.</summary>
    /// <param name="count">How many.</param>
    public void AddSlots(int count) => Interlocked.Add(ref _slots, count);

    /// <summary>Counts keys.</summary>
    /// <param name="count">How many.</param>
    public void AddKeys(int count) => Interlocked.Add(ref _keys, count);

    /// <summary>A migration succeeded.</summary>
    public void Succeeded() => _failures = 0;

    /// <summary>A migration failed: the next is begun after 1 s, 2 s, 4 s, ... up to a minute.</summary>
    /// <param name="why">What happened.</param>
    /// <param name="now">The time.</param>
    /// <returns>What to throw.</returns>
    public SlotMoveException Failed(string why, DateTimeOffset now)
    {
        var rest = TimeSpan.FromSeconds(Math.Min(LongestRest.TotalSeconds, Math.Pow(2, _failures++)));
        _rest = (why, now + rest);
        return new SlotMoveException(why);
    }

    /// <summary>Throws what happened last while it is too soon to try again.</summary>
    /// <param name="now">The time.</param>
    /// <exception cref="SlotMoveException">It is too soon.</exception>
    public void ThrowIfResting(DateTimeOffset now)
    {
        if (now < _rest.Until)
            throw new SlotMoveException(_rest.Why);
    }
}
