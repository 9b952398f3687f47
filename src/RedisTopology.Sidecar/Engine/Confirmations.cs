namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// Subscriptions that clients of this sidecar have asked for and that no server has confirmed yet. One server would take what is published after them in its turn; here a message may go
/// to another server and be faster. So it waits for those that came before it. Safe for all loops to use at once.
/// </summary>
internal sealed class Confirmations
{
    private readonly Lock _lock = new();
    private readonly List<(long Number, long Since)> _pending = [];
    private long _last;
    private long _oldest = long.MaxValue;

    /// <summary>The number of the last one that was asked for.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>A client has asked for a subscription.</summary>
    /// <param name="now">The time, in milliseconds.</param>
    /// <returns>Its number.</returns>
    public long Begin(long now)
    {
        lock (_lock)
        {
            Volatile.Write(ref _last, _last + 1);
            _pending.Add((_last, now));
            Volatile.Write(ref _oldest, _pending[0].Number);
            return _last;
        }
    }

    /// <summary>It has been confirmed, or its client is gone. One that has ended already does no harm.</summary>
    public void End(long number) => Remove(p => p.Number == number);

    /// <summary>Those asked for before a time, in milliseconds, are not waited for any longer.</summary>
    public void Forget(long before) => Remove(p => p.Since < before);

    /// <summary>Whether any is still to be confirmed.</summary>
    public bool Any => Volatile.Read(ref _oldest) != long.MaxValue;

    /// <summary>Whether one up to this number is still to be confirmed.</summary>
    public bool AwaitsUpTo(long number) => Volatile.Read(ref _oldest) <= number;

    private void Remove(Predicate<(long Number, long Since)> ended)
    {
        lock (_lock)
        {
            _pending.RemoveAll(ended);
            Volatile.Write(ref _oldest, _pending.Count > 0 ? _pending[0].Number : long.MaxValue);
        }
    }
}
