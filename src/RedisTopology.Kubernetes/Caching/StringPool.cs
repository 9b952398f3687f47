using System.Diagnostics.CodeAnalysis;

namespace RedisTopology.Kubernetes;

/// <summary>Shares equal strings. Two generations: what was not met again since the last turn is forgotten, so that names of deleted objects do not stay for ever.</summary>
internal sealed class StringPool
{
    private const int TurnAt = 16_384;

    // A long value is hardly ever repeated, and costs more to hash than it saves.
    private const int Longest = 128;

    private readonly Lock _gate = new();
    private HashSet<string> _young = new(StringComparer.Ordinal);
    private HashSet<string> _old = new(StringComparer.Ordinal);

    [return: NotNullIfNotNull(nameof(value))]
    public string? Share(string? value)
    {
        if (value is null || value.Length > Longest)
            return value;
        lock (_gate)
        {
            if (_young.TryGetValue(value, out var known))
                return known;
            if (_young.Count >= TurnAt)
                (_old, _young) = (_young, new(StringComparer.Ordinal));
            if (_old.TryGetValue(value, out known))
                value = known;
            _young.Add(value);
            return value;
        }
    }

    public IDictionary<string, string>? Share(IDictionary<string, string>? map)
    {
        if (map is null)
            return null;
        var shared = new Dictionary<string, string>(map.Count, StringComparer.Ordinal);
        foreach (var (key, value) in map)
            shared[Share(key)] = Share(value);
        return shared;
    }
}
