using System.Globalization;

namespace RedisTopology.Testing;

/// <summary>How many requests of each kind reached the proxy, at one moment.</summary>
public sealed class RequestCounts
{
    private readonly Dictionary<(string Verb, string Resource), int> _counts;

    internal RequestCounts(Dictionary<(string Verb, string Resource), int> counts) => _counts = counts;

    /// <summary>By verb and resource as in <see cref="ApiRequest"/>.</summary>
    public IReadOnlyDictionary<(string Verb, string Resource), int> ByVerbAndResource => _counts;

    /// <summary>All requests.</summary>
    public int Total => _counts.Values.Sum();

    /// <summary>Those that may change something.</summary>
    public int Writes => _counts.Where(c => c.Key.Verb is not ("GET" or "LIST" or "WATCH" or "HEAD" or "OPTIONS")).Sum(c => c.Value);

    /// <summary>Those of one kind; 0 when there was none.</summary>
    public int this[string verb, string resource] => _counts.GetValueOrDefault((verb, resource));

    /// <summary>What came since <paramref name="earlier"/>.</summary>
    public RequestCounts Since(RequestCounts earlier) => new(_counts
        .Select(c => KeyValuePair.Create(c.Key, c.Value - earlier[c.Key.Verb, c.Key.Resource]))
        .Where(c => c.Value != 0)
        .ToDictionary());

    /// <summary>One line per kind, sorted.</summary>
    public override string ToString() => _counts.Count == 0
        ? "(no requests)"
        : string.Join('\n', _counts.OrderBy(c => c.Key).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Value,6} {c.Key.Verb} {c.Key.Resource}")));
}
