using System.Globalization;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>How often each kind of thing happened: what a number of schedules is worth.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public long this[string kind] => _counts.GetValueOrDefault(kind);

    public void Count(string kind, long times = 1) => _counts[kind] = this[kind] + times;

    public void Add(Tally other)
    {
        foreach (var (kind, times) in other._counts)
            Count(kind, times);
    }

    public override string ToString() => string.Join(", ", _counts.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Key} {c.Value:N0}")));
}
