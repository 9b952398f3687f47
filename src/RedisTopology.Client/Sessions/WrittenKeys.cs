using StackExchange.Redis;

namespace RedisTopology.Client;

/// <summary>The keys this process wrote and replicas may not have yet. What is written in one generation is released together.</summary>
/// <param name="limit">For how long a key is kept at most.</param>
/// <param name="time">The clock.</param>
/// <param name="capacity">How many keys are told apart; with more than that, every key counts as written until some are released.</param>
internal sealed class WrittenKeys(TimeSpan limit, TimeProvider time, int capacity = 100_000)
{
    private readonly Dictionary<RedisKey, long> _generations = [];
    private readonly Queue<(RedisKey Key, long Generation, long At)> _order = new();
    private long _generation;
    private long _overflow = -1;
    private volatile bool _isEmpty = true;

    public bool IsEmpty => _isEmpty;

    public void Add(RedisKey key)
    {
        lock (_generations)
        {
            _isEmpty = false;
            if (_generations.Count >= capacity && !_generations.ContainsKey(key))
            {
                _overflow = _generation;
                return;
            }

            if (_generations.TryGetValue(key, out var known) && known == _generation)
                return;
            _generations[key] = _generation;
            _order.Enqueue((key, _generation, time.GetTimestamp()));
        }
    }

    public bool Contains(RedisKey key)
    {
        if (_isEmpty)
            return false;
        lock (_generations)
            return _overflow >= 0 || _generations.ContainsKey(key);
    }

    /// <summary>Ends a generation: what is written from now on belongs to the next.</summary>
    /// <returns>The one that ended.</returns>
    public long Close()
    {
        lock (_generations)
            return _generation++;
    }

    /// <summary>Lets go what was written in a generation or before it, and what is past the limit.</summary>
    /// <param name="generation">The generation; -1: none.</param>
    public void Release(long generation)
    {
        lock (_generations)
        {
            while (_order.TryPeek(out var first) && (first.Generation <= generation || time.GetElapsedTime(first.At) >= limit))
            {
                _order.Dequeue();
                // A key that was written again has a later entry.
                if (_generations.TryGetValue(first.Key, out var newest) && newest == first.Generation)
                    _generations.Remove(first.Key);
            }

            if (_overflow <= generation || _generations.Count == 0)
                _overflow = -1;
            _isEmpty = _generations.Count == 0 && _overflow < 0;
        }
    }
}
