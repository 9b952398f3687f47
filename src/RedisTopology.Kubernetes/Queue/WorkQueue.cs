namespace RedisTopology.Kubernetes;

/// <summary>
/// <para>
/// Keys in need of work. A key is in the queue at most once, is worked on by at most one worker, and when it is added during the work it comes up again
/// afterwards: nothing is lost, nothing is done twice at once. First come, first served, so one busy key cannot starve the others.
/// </para>
/// <para>Delayed keys wait outside; of several delays for a key the earliest counts. Failures of a key double its delay until it succeeds.</para>
/// </summary>
/// <typeparam name="TKey">What is queued.</typeparam>
internal sealed class WorkQueue<TKey> : IDisposable
    where TKey : struct, IEquatable<TKey>
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _minRetry;
    private readonly TimeSpan _maxRetry;
    private readonly IWorkQueueObserver _observer;
    private readonly Queue<TKey> _ready = new();
    private readonly Dictionary<TKey, long> _dirty = [];
    private readonly HashSet<TKey> _processing = [];
    private readonly Dictionary<TKey, int> _failures = [];
    private readonly Dictionary<TKey, long> _waiting = [];
    private readonly PriorityQueue<TKey, long> _byTime = new();
    private readonly SemaphoreSlim _available = new(0);
    private readonly ITimer _timer;
    private bool _closed;

    public WorkQueue(TimeProvider time, TimeSpan minRetry, TimeSpan maxRetry, IWorkQueueObserver? observer = null)
    {
        (_time, _minRetry, _maxRetry, _observer) = (time, minRetry, maxRetry, observer ?? IWorkQueueObserver.None);
        _timer = time.CreateTimer(_ => ReleaseDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Keys ready for a worker, and how long the first of them has been.</summary>
    public (int Depth, TimeSpan Oldest) State
    {
        get
        {
            lock (_gate)
                return (_ready.Count, _ready.TryPeek(out var first) ? _time.GetElapsedTime(_dirty[first]) : TimeSpan.Zero);
        }
    }

    /// <summary>Adds a key for now.</summary>
    /// <returns>False when the queue is closed.</returns>
    public bool Add(TKey key)
    {
        lock (_gate)
            return AddLocked(key);
    }

    /// <summary>Adds a key for later; an earlier time already pending is kept.</summary>
    /// <returns>False when the queue is closed.</returns>
    public bool AddAfter(TKey key, TimeSpan delay)
    {
        lock (_gate)
        {
            if (delay <= TimeSpan.Zero || _closed)
                return AddLocked(key);
            var due = _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);
            if (_waiting.TryGetValue(key, out var pending) && pending <= due)
                return true;
            _waiting[key] = due;
            _byTime.Enqueue(key, due);
            SetTimer();
            return true;
        }
    }

    /// <summary>Adds a key after a failure.</summary>
    /// <returns>Its failures in a row, and the delay chosen.</returns>
    public (int Failures, TimeSpan Delay) Retry(TKey key, TimeSpan? delay = null)
    {
        int failures;
        lock (_gate)
            _failures[key] = failures = _failures.GetValueOrDefault(key) + 1;
        var chosen = delay ?? Backoff.Delay(failures, _minRetry, _maxRetry);
        _observer.Retried();
        AddAfter(key, chosen);
        return (failures, chosen);
    }

    /// <summary>The key succeeded: its next failure is again its first.</summary>
    public void Forget(TKey key)
    {
        lock (_gate)
            _failures.Remove(key);
    }

    /// <summary>Takes the next key; <see cref="Done"/> must follow.</summary>
    /// <returns>Null when the queue is closed.</returns>
    public async ValueTask<TKey?> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _available.WaitAsync(cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                if (_closed)
                {
                    _available.Release();
                    return null;
                }

                if (!_ready.TryDequeue(out var key))
                    continue;
                _observer.Waited(_time.GetElapsedTime(_dirty[key]));
                _dirty.Remove(key);
                _processing.Add(key);
                return key;
            }
        }
    }

    /// <summary>The work on a key ended, well or not.</summary>
    public void Done(TKey key)
    {
        lock (_gate)
        {
            _processing.Remove(key);
            if (_dirty.ContainsKey(key) && !_closed)
                MakeReady(key);
        }
    }

    /// <summary>Wakes all takers; nothing is handed out any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            _available.Release();
        }
    }

    public void Dispose()
    {
        Close();
        _timer.Dispose();
    }

    private bool AddLocked(TKey key)
    {
        if (_closed)
            return false;
        if (!_dirty.TryAdd(key, _time.GetTimestamp()))
            return true;
        _observer.Added();
        if (!_processing.Contains(key))
            MakeReady(key);
        return true;
    }

    private void MakeReady(TKey key)
    {
        _ready.Enqueue(key);
        _available.Release();
    }

    private void ReleaseDue()
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            while (_byTime.TryPeek(out var key, out var due) && due <= now)
            {
                _byTime.Dequeue();
                // Entries replaced by an earlier time are still in the heap.
                if (_waiting.TryGetValue(key, out var current) && current == due)
                {
                    _waiting.Remove(key);
                    AddLocked(key);
                }
            }

            SetTimer();
        }
    }

    private void SetTimer()
    {
        if (_closed || !_byTime.TryPeek(out _, out var due))
            return;
        var wait = TimeSpan.FromSeconds(Math.Max(0, due - _time.GetTimestamp()) / (double)_time.TimestampFrequency);
        // Rounded up: a timer that fires a fraction early would find nothing due.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(Math.Min(wait.TotalMilliseconds, TimeSpan.FromDays(1).TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }
}
