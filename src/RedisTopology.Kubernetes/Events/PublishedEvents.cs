using System.Security.Cryptography;
using System.Text;

namespace RedisTopology.Kubernetes;

/// <summary>
/// Decides which events go out: a repeat becomes a count on the event that exists, and one entity gets a burst and then a trickle for each reason, so that what is said often
/// does not silence what is said once. The name of an event is derived from
/// what it says, so that a restarted process goes on counting where the last one stopped. Pure but for the clock; used by one thread.
/// </summary>
internal sealed class PublishedEvents(TimeProvider time)
{
    public const int Burst = 25;

    public static readonly TimeSpan Refill = TimeSpan.FromMinutes(5);

    // Events live an hour on the server by default; later a repeat is a new one.
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private const int MaxRemembered = 4096;

    private readonly Dictionary<string, Known> _events = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);

    /// <summary>Counts an occurrence.</summary>
    /// <param name="entityUid">The entity.</param>
    /// <param name="entityName">Its name, which leads the event's.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="text">Type and message.</param>
    /// <returns>What to publish; null when the entity has used up its share of the reason (the count is kept).</returns>
    public Occurrence? Next(string entityUid, string entityName, string reason, string text)
    {
        text = $"{reason}\n{text}";
        var name = NameOf(entityUid, entityName, text);
        var now = time.GetUtcNow();
        if (_events.Count > MaxRemembered)
            Forget(now);
        var known = _events.TryGetValue(name, out var k) && now - k.Last < Lifetime ? k : new Known(0, now, now);
        known = known with { Count = known.Count + 1, Last = now };
        _events[name] = known;
        if (!TakeToken($"{entityUid}\n{reason}", now))
            return null;
        return new(name, known.Count, known.First, known.Last);
    }

    /// <summary>Adopts the count of an event that an earlier process left.</summary>
    public Occurrence Adopt(string name, int count, DateTimeOffset first)
    {
        var known = _events[name];
        known = known with { Count = known.Count + count, First = first };
        _events[name] = known;
        return new(name, known.Count, known.First, known.Last);
    }

    private static string NameOf(string uid, string entityName, string text)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{uid}\n{text}")))[..16];
        return $"{entityName[..Math.Min(entityName.Length, 253 - 17)]}.{hash}";
    }

    private bool TakeToken(string share, DateTimeOffset now)
    {
        var bucket = _buckets.TryGetValue(share, out var b) ? b : new Bucket(Burst, now);
        bucket = new(Math.Min(Burst, bucket.Tokens + ((now - bucket.At) / Refill)), now);
        var take = bucket.Tokens >= 1;
        _buckets[share] = take ? bucket with { Tokens = bucket.Tokens - 1 } : bucket;
        return take;
    }

    private void Forget(DateTimeOffset now)
    {
        // Expired ones first, and when that does not help the older half.
        var keep = _events.Where(e => now - e.Value.Last < Lifetime).OrderByDescending(e => e.Value.Last).Take(MaxRemembered / 2).ToList();
        _events.Clear();
        foreach (var (name, known) in keep)
            _events[name] = known;
        foreach (var (share, bucket) in _buckets.ToList())
        {
            if (bucket.Tokens + ((now - bucket.At) / Refill) >= Burst)
                _buckets.Remove(share);
        }
    }

    internal readonly record struct Occurrence(string Name, int Count, DateTimeOffset First, DateTimeOffset Last);

    private readonly record struct Known(int Count, DateTimeOffset First, DateTimeOffset Last);

    private readonly record struct Bucket(double Tokens, DateTimeOffset At);
}
