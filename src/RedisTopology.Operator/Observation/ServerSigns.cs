using System.Collections.Immutable;

namespace RedisTopology.Operator.Observation;

/// <summary>When each server of a cluster last answered anything, by its address, and which masters have left a question unanswered since.</summary>
internal sealed class ServerSigns
{
    /// <summary>How long after its last answer a master is asked again at the latest. Was it later, this process stood still, or did not lead: that is no silence of the master.</summary>
    private static readonly TimeSpan Rhythm = TimeSpan.FromSeconds(2);

    /// <summary>Guards all below: looks and the monitor come here.</summary>
    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _last = [];
    private readonly Dictionary<string, (DateTimeOffset Asked, bool Missed)> _open = [];

    /// <summary>The masters that are asked each second, because an election could be held for them.</summary>
    public ImmutableArray<string> Masters { get; private set; } = [];

    /// <summary>Says whose signs are kept.</summary>
    /// <param name="addresses">The addresses of all servers.</param>
    /// <param name="masters">Those of masters that are to be asked each second.</param>
    public void Watch(IReadOnlyCollection<string> addresses, ImmutableArray<string> masters)
    {
        lock (_lock)
        {
            Masters = masters;
            foreach (var gone in _last.Keys.Except(addresses).ToList())
                _last.Remove(gone);
            foreach (var gone in _open.Keys.Except(masters).ToList())
                _open.Remove(gone);
        }
    }

    /// <summary>A server answered.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="now">The time.</param>
    public void Heard(string address, DateTimeOffset now)
    {
        lock (_lock)
        {
            _last[address] = now;
            _open.Remove(address);
        }
    }

    /// <summary>A master is asked.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="now">The time.</param>
    public void Asked(string address, DateTimeOffset now)
    {
        lock (_lock)
            _open.TryAdd(address, (now, false));
    }

    /// <summary>A master did not answer in its time.</summary>
    /// <param name="address">Its address.</param>
    /// <returns>True when that is news.</returns>
    public bool Missed(string address)
    {
        lock (_lock)
        {
            if (!_open.TryGetValue(address, out var question) || question.Missed)
                return false;
            _open[address] = question with { Missed = true };
            return true;
        }
    }

    /// <summary>Whether a master left its last question unanswered: a look asks it all the same, and does not wait for it.</summary>
    /// <param name="address">Its address.</param>
    /// <returns>True when it did.</returns>
    public bool IsMissed(string address)
    {
        lock (_lock)
            return _open.TryGetValue(address, out var question) && question.Missed;
    }

    /// <summary>When a server last answered.</summary>
    /// <param name="address">Its address.</param>
    /// <returns>The time; null when it never answered this process.</returns>
    public DateTimeOffset? Last(string? address)
    {
        lock (_lock)
            return address is not null && _last.TryGetValue(address, out var last) ? last : null;
    }

    /// <summary>Since when a master has been silent: since its last answer.</summary>
    /// <param name="address">Its address.</param>
    /// <returns>The time; null when it has not been asked since, or never answered this process.</returns>
    public DateTimeOffset? SilentSince(string? address)
    {
        lock (_lock)
        {
            if (address is null || !_last.TryGetValue(address, out var last) || !_open.TryGetValue(address, out var question))
                return null;
            return last > question.Asked - Rhythm ? last : question.Asked - Rhythm;
        }
    }
}
