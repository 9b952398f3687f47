namespace RedisTopology.Testing;

/// <summary>An injected fault; disposing it ends it.</summary>
public sealed class FaultRule : IDisposable
{
    private readonly Func<ApiRequest, bool> _match;
    private readonly Lock _lock = new();
    private int _remaining;
    private int _hits;

    internal FaultRule(Fault fault, Func<ApiRequest, bool> match, int times)
    {
        Fault = fault;
        _match = match;
        _remaining = times;
    }

    /// <summary>How many requests it has hit.</summary>
    public int Hits => Volatile.Read(ref _hits);

    internal Fault Fault { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
            _remaining = 0;
    }

    internal bool TryTake(ApiRequest request)
    {
        if ((Fault.IsForWatches && !request.IsWatch) || !_match(request))
            return false;
        lock (_lock)
        {
            if (_remaining == 0)
                return false;
            // The largest count means "until disposed".
            if (_remaining != int.MaxValue)
                _remaining--;
            _hits++;
            return true;
        }
    }
}
