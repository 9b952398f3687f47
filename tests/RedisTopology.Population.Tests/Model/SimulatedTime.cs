namespace RedisTopology.Population.Tests.Model;

/// <summary>A clock that a schedule moves. Used by one thread.</summary>
internal sealed class SimulatedTime : TimeProvider
{
    private readonly List<Timer> _timers = [];
    private long _now;

    public long Milliseconds => _now / TimeSpan.TicksPerMillisecond;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public override DateTimeOffset GetUtcNow() => new(_now, TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Whether a timer is to come.</summary>
    public bool HasTimer => _timers.Count > 0;

    public void Advance(TimeSpan by) => _now += by.Ticks;

    /// <summary>Goes to the next timer, and lets it and all that are due by then go off.</summary>
    public void FireNext()
    {
        var next = _timers.MinBy(t => t.Due)!;
        _now = Math.Max(_now, next.Due);
        FireDue();
    }

    /// <summary>Lets all timers go off that are due.</summary>
    public void FireDue()
    {
        while (_timers.Where(t => t.Due <= _now).MinBy(t => t.Due) is { } due)
        {
            _timers.Remove(due);
            due.Fire();
        }
    }

    private sealed class Timer(SimulatedTime time, TimerCallback callback, object? state) : ITimer
    {
        public long Due { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time._timers.Remove(this);
            if (dueTime == Timeout.InfiniteTimeSpan)
                return true;
            Due = time._now + dueTime.Ticks;
            time._timers.Add(this);
            return true;
        }

        public void Dispose() => time._timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
