using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests.Storm;

/// <summary>What a person may change in a spec at any time, each as a random change of one field. One that says nothing new here is the spec itself.</summary>
internal static class StormEdits
{
    private const int MostShards = 4;

    /// <summary>Versions upward. A server reads no file or copy of a newer one than itself, so a version that has been left is no way back; the first two are the same server under two tags.</summary>
    private static readonly Dictionary<string, string[]> Versions = new()
    {
        ["Redis"] = ["7.0", "7.0.15", .. Engines.Redis8Root is null ? (string[])[] : ["8.6"]],
        ["Valkey"] = ["8.0", "8.1", .. Engines.Valkey9Root is null ? (string[])[] : ["9.0"]],
    };

    private static readonly (string Name, Func<StormSpec, Random, StormSpec> Edit)[] All =
    [
        ("replicas", (s, r) => s with { Replicas = r.Next(3) }),
        ("count", (s, r) => s.Count is null ? s : s with { Count = r.Next(1, MostShards + 1) }),
        ("count or shards", (s, r) => s.Count is { } count ? s with { Count = null, Shards = StormSpec.Even(count) } : s with { Count = r.Next(1, MostShards + 1), Shards = [] }),
        ("split", Split),
        ("split", Split),
        ("merge", Merge),
        ("swap", Swap),
        ("border", Border),
        ("shard's replicas", (s, r) => OfOneShard(s, r, shard => shard with { Replicas = r.Next(4) is var n && n == 3 ? null : n })),
        ("memory", (s, r) => s with { MemoryMi = r.GetItems([48, 64, 96, 128], 1)[0] }),
        ("maxMemoryPercent", (s, r) => s with { MaxMemoryPercent = r.Next(50, 81) }),
        ("evictionPolicy", (s, r) => s with { EvictionPolicy = r.GetItems(["noeviction", "volatile-lru", "volatile-ttl", "allkeys-lfu"], 1)[0] }),
        ("cpu", (s, r) => s with { Cpu = r.GetItems(["50m", "100m", "150m"], 1)[0] }),
        ("live setting", (s, r) => Setting(s, r, "hash-max-listpack-entries", "64", "256")),
        ("live setting", (s, r) => Setting(s, r, "slowlog-log-slower-than", "5000", "20000")),
        ("restart setting", (s, r) => Setting(s, r, "tcp-backlog", "128", "256")),
        ("version", Upgrade),
        ("persistence", (s, _) => s.Persistence == "None" ? s : s with { Persistence = s.Persistence == "RDB" ? "AOF" : "RDB" }),
        ("storage", (s, _) => s.Persistence == "None" ? s : s with { StorageGi = Math.Min(3, s.StorageGi + 1) }),
        ("durability", (s, r) => s with { Bounded = !s.Bounded, Replicas = s.Bounded ? s.Replicas : 2 }),
        ("nodeTimeout", (s, r) => s with { NodeTimeout = r.GetItems(["1500ms", "2s", "3s", "5s"], 1)[0] }),
        ("formerPasswordFor", (s, r) => s with { FormerPasswordFor = r.GetItems(["10s", "15s", "25s"], 1)[0] }),
        ("spread", (s, r) => s with { Spread = r.GetItems(["Preferred", "None"], 1)[0] }),
        ("readFrom", (s, r) => s with { ReadFrom = r.GetItems(["Replica", "Any", "Master"], 1)[0] }),
        ("consistency", (s, r) => s with { Consistency = r.GetItems(["Session", "Master"], 1)[0] }),
        ("transactions", (s, r) => s with { Transactions = r.GetItems(["OneSlot", "PerSlot"], 1)[0] }),
        ("paused", (s, r) => s with { Paused = r.Next(2) == 0 }),
        ("an unknown setting", (s, _) => s with { Config = s.Config.SetItem("no-such-setting", "1") }),
    ];

    /// <summary>The version a cluster of this engine begins with.</summary>
    /// <param name="engine">Redis or Valkey.</param>
    public static string FirstVersion(string engine) => Versions[engine][0];

    /// <summary>Changes one to three fields at once.</summary>
    /// <param name="spec">The spec as it is.</param>
    /// <param name="random">The seed's.</param>
    /// <returns>What was changed, and the spec with it.</returns>
    public static (string Fields, StormSpec Spec) Some(StormSpec spec, Random random)
    {
        // A pause ends with the next edit but one, mostly; what no server knows is taken out again.
        var next = spec with { Config = spec.Config.Remove("no-such-setting"), Paused = spec.Paused && random.Next(3) == 0 };
        var fields = new List<string>();
        for (var wanted = random.Next(1, 4); fields.Count < wanted;)
        {
            var (name, edit) = All[random.Next(All.Length)];
            var edited = edit(next, random).Possible();
            if (edited.ToString() == next.ToString())
                continue;
            next = edited;
            fields.Add(name);
        }

        return (string.Join(", ", fields), next);
    }

    /// <summary>An earlier spec, with what has no way back as it is now.</summary>
    /// <param name="earlier">The one to go back to.</param>
    /// <param name="now">The present one.</param>
    public static StormSpec Back(StormSpec earlier, StormSpec now) => earlier with { Version = now.Version, StorageGi = now.StorageGi };

    private static StormSpec Setting(StormSpec spec, Random random, string name, params string[] values) => spec with
    {
        Config = random.Next(values.Length + 1) is var i && i < values.Length ? spec.Config.SetItem(name, values[i]) : spec.Config.Remove(name),
    };

    private static StormSpec Upgrade(StormSpec spec, Random random)
    {
        var versions = Versions[spec.Engine];
        var at = Array.IndexOf(versions, spec.Version);
        return at == versions.Length - 1 ? spec : spec with { Version = versions[random.Next(at + 1, versions.Length)] };
    }

    private static StormSpec OfOneShard(StormSpec spec, Random random, Func<StormShard, StormShard> change)
    {
        if (spec.Count is not null)
            return spec;
        var one = spec.Shards[random.Next(spec.Shards.Length)];
        return spec with { Shards = spec.Shards.Replace(one, change(one)) };
    }

    /// <summary>A part of a shard becomes one of its own.</summary>
    private static StormSpec Split(StormSpec spec, Random random)
    {
        if (spec.Count is not null || spec.Shards.Length == MostShards)
            return spec;
        var one = spec.Shards[random.Next(spec.Shards.Length)];
        if (one.Slots.Count < 2)
            return spec;
        var part = one.Slots.Highest(random.Next(1, one.Slots.Count));
        var name = ((string[])["s0", "s1", "a", "b", "c"]).Where(n => spec.Shards.All(s => s.Name != n)).OrderBy(_ => random.Next()).First();
        return spec with { Shards = [.. spec.Shards.Replace(one, one with { Slots = one.Slots.Except(part) }), new StormShard(name, part)] };
    }

    /// <summary>A shard goes, another one has its slots.</summary>
    private static StormSpec Merge(StormSpec spec, Random random)
    {
        if (spec.Count is not null || spec.Shards.Length < 2)
            return spec;
        var (gone, heir) = Two(spec, random);
        return spec with { Shards = spec.Shards.Replace(heir, heir with { Slots = heir.Slots.Union(gone.Slots) }).Remove(gone) };
    }

    private static StormSpec Swap(StormSpec spec, Random random)
    {
        if (spec.Count is not null || spec.Shards.Length < 2)
            return spec;
        var (one, other) = Two(spec, random);
        return spec with { Shards = spec.Shards.Replace(one, one with { Slots = other.Slots }).Replace(other, other with { Slots = one.Slots }) };
    }

    /// <summary>Some slots of one shard go to another one.</summary>
    private static StormSpec Border(StormSpec spec, Random random)
    {
        if (spec.Count is not null || spec.Shards.Length < 2)
            return spec;
        var (one, other) = Two(spec, random);
        if (one.Slots.Count < 2)
            return spec;
        var part = random.Next(2) == 0 ? one.Slots.Lowest(random.Next(1, one.Slots.Count)) : one.Slots.Highest(random.Next(1, one.Slots.Count));
        return spec with { Shards = spec.Shards.Replace(one, one with { Slots = one.Slots.Except(part) }).Replace(other, other with { Slots = other.Slots.Union(part) }) };
    }

    private static (StormShard One, StormShard Other) Two(StormSpec spec, Random random)
    {
        var one = random.Next(spec.Shards.Length);
        var other = (one + random.Next(1, spec.Shards.Length)) % spec.Shards.Length;
        return (spec.Shards[one], spec.Shards[other]);
    }
}
