using System.Globalization;
using System.Text;

namespace RedisTopology.Population.Tests.Model;

/// <summary>
/// What a master keeps, and the scripts as it runs them, line for line. What is to reach replicas goes to a log, from which a replica may be any number of entries behind.
/// A test runs the same calls here and on a real server.
/// </summary>
internal sealed class Keyspace
{
    private readonly Dictionary<string, (string Value, long EndsAt)> _keys = new(StringComparer.Ordinal);

    /// <summary>What was written and is to be replicated, oldest first.</summary>
    public List<(string Key, string? Value, long EndsAt)> Log { get; } = [];

    public const long Never = long.MaxValue;

    public string? Get(string key, long now) => _keys.TryGetValue(key, out var entry) && entry.EndsAt > now ? entry.Value : null;

    public long Pttl(string key, long now) => Get(key, now) is null ? -2 : _keys[key].EndsAt == Never ? -1 : _keys[key].EndsAt - now;

    public void Evict(string key) => Delete(key);

    /// <summary>The state a replica has after so many entries of the log.</summary>
    public Keyspace Replica(int entries)
    {
        var replica = new Keyspace();
        foreach (var (key, value, endsAt) in Log.Take(entries))
        {
            replica.Log.Add((key, value, endsAt));
            if (value is null)
                replica._keys.Remove(key);
            else
                replica._keys[key] = (value, endsAt);
        }

        return replica;
    }

    public ScriptReply Run(PopulationScript script, string[] keys, string[] argv, long now)
    {
        var (key, lease, none) = (keys[0], keys[1], keys[2]);
        var holds = argv.Length > 0 && Get(lease, now) == argv[0];
        switch (script.Name)
        {
            case "lookup":
                if (Get(key, now) is { } value)
                    return new(1, Encoding.UTF8.GetBytes(value), Pttl(key, now));
                if (Get(none, now) is not null)
                    return new(2, null, Pttl(none, now));
                return TakeFree(lease, argv, now, 0);
            case "renew":
                var left = Pttl(key, now);
                return left < 0 || left >= Number(argv[2]) ? new(0, null, left) : TakeFree(lease, argv, now, left);
            case "fill":
                if (!holds)
                    return default;
                Set(key, argv[1], now + Number(argv[2]));
                Delete(lease, none);
                return new(1, null, 0);
            case "fill negative":
                if (!holds)
                    return default;
                Delete(key, lease);
                if (Number(argv[1]) > 0)
                    Set(none, "", now + Number(argv[1]));
                return new(1, null, 0);
            case "release":
                if (!holds)
                    return default;
                Delete(lease);
                return new(1, null, 0);
            case "begin write":
                if (Get(lease, now)?[0] == 'w')
                    return new(4, null, Pttl(lease, now));
                var old = Pttl(key, now);
                if (old == -1 || old > Number(argv[1]))
                    Set(key, Get(key, now)!, now + Number(argv[1]));
                Delete(none);
                Set(lease, argv[0], now + Number(argv[1]), replicated: false);
                return new(3, null, old);
            case "commit write":
                if (!holds)
                {
                    Delete(key, lease, none);
                    return default;
                }

                Set(key, argv[1], now + Number(argv[2]));
                Delete(lease, none);
                return new(1, null, 0);
            case "abort write":
                if (!holds)
                    return default;
                if (Get(key, now) is { } kept && Number(argv[1]) is var rest and not -2)
                    Set(key, kept, rest == -1 ? Never : now + rest);
                Delete(lease);
                return new(1, null, 0);
            case "set":
                Set(key, argv[0], argv[1] == "0" ? Never : now + Number(argv[1]));
                Delete(lease, none);
                return new(1, null, 0);
            case "add":
                if (Get(key, now) is not null)
                    return default;
                if (Get(lease, now) is not null)
                    return new(4, null, Pttl(lease, now));
                Set(key, argv[0], now + Number(argv[1]));
                Delete(none);
                return new(1, null, 0);
            case "remove":
                var removed = Get(key, now) is null ? 0 : 1;
                Delete(key, lease, none);
                return new(1, null, removed);
            default:
                throw new InvalidOperationException($"no such script: {script.Name}");
        }
    }

    private ScriptReply TakeFree(string lease, string[] argv, long now, long left)
    {
        if (Get(lease, now) is not null)
            return new(4, null, Pttl(lease, now));
        Set(lease, argv[0], now + Number(argv[1]), replicated: false);
        return new(3, null, left);
    }

    private void Set(string key, string value, long endsAt, bool replicated = true)
    {
        _keys[key] = (value, endsAt);
        if (replicated)
            Log.Add((key, value, endsAt));
    }

    private void Delete(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (_keys.Remove(key))
                Log.Add((key, null, 0));
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
