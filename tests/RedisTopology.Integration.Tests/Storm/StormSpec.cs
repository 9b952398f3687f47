using System.Collections.Immutable;
using System.Globalization;
using RedisTopology.Core.Hashing;
using RedisTopology.Core.Topology;

namespace RedisTopology.Integration.Tests.Storm;

/// <summary>A spec as a platform engineer has it in a file: what the storm edits, and what the cluster must be in the end.</summary>
/// <param name="Engine">Redis or Valkey.</param>
/// <param name="Version">Its version.</param>
/// <param name="Persistence">None, RDB or AOF.</param>
internal sealed record StormSpec(string Engine, string Version, string Persistence)
{
    /// <summary>Pods of a cluster at most: more than these keep two cores busy with their probes alone.</summary>
    private const int MostPods = 9;

    /// <summary>Number of shards; null when <see cref="Shards"/> names them.</summary>
    public int? Count { get; init; } = 2;

    /// <summary>Explicit shards; empty when <see cref="Count"/> says how many.</summary>
    public ImmutableArray<StormShard> Shards { get; init; } = [];

    public int Replicas { get; init; } = 1;

    public int MemoryMi { get; init; } = 64;

    public int MaxMemoryPercent { get; init; } = 70;

    public string EvictionPolicy { get; init; } = "noeviction";

    public string Cpu { get; init; } = "100m";

    public string NodeTimeout { get; init; } = "2s";

    public bool Bounded { get; init; }

    public ImmutableSortedDictionary<string, string> Config { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public int StorageGi { get; init; } = 1;

    public string FormerPasswordFor { get; init; } = "15s";

    public string ReadFrom { get; init; } = "Replica";

    public string Consistency { get; init; } = "Session";

    public string Transactions { get; init; } = "OneSlot";

    public string Spread { get; init; } = "Preferred";

    public bool Paused { get; init; }

    /// <summary>The shards that are to be, each with its replicas.</summary>
    public IReadOnlyList<(string Name, int Replicas)> Wanted => Count is { } count
        ? [.. Enumerable.Range(0, count).Select(i => ($"s{i}", Replicas))]
        : [.. Shards.Select(s => (s.Name, s.Replicas ?? Replicas))];

    /// <summary>The same with so few replicas that the machine carries them, and bounded only where enough of them are left.</summary>
    public StormSpec Possible()
    {
        var spec = this;
        while (spec.Wanted.Sum(s => 1 + s.Replicas) > MostPods)
            spec = spec with { Replicas = Math.Max(0, spec.Replicas - 1), Shards = [.. spec.Shards.Select(s => s with { Replicas = s.Replicas > 1 ? s.Replicas - 1 : s.Replicas })] };
        return spec with { Bounded = spec.Bounded && spec.Wanted.All(s => s.Replicas >= 2) };
    }

    /// <summary>Shards with explicit ranges, named as those of a count are.</summary>
    /// <param name="count">How many.</param>
    public static ImmutableArray<StormShard> Even(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new StormShard($"s{i}", SlotSet.Of(new SlotRange(i * HashSlot.Count / count, ((i + 1) * HashSlot.Count / count) - 1))))];

    /// <summary>The spec in YAML's flow style, as <c>TestCluster.ApplyAsync</c> takes it.</summary>
    public override string ToString()
    {
        var sharding = Count is { } count ? $"count: {count}" : $"shards: [{string.Join(", ", Shards)}]";
        var config = Config.IsEmpty ? "" : $", config: {{{string.Join(", ", Config.Select(c => $"{c.Key}: \"{c.Value}\""))}}}";
        var storage = Persistence == "None" ? "" : $", storage: {{size: {StorageGi}Gi}}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"engine: {{type: {Engine}, version: \"{Version}\"}}, size: {{memory: {MemoryMi}Mi, cpu: {Cpu}, maxMemoryPercent: {MaxMemoryPercent}, evictionPolicy: {EvictionPolicy}}}, replicas: {Replicas}, sharding: {{{sharding}}}, failover: {{nodeTimeout: {NodeTimeout}, durability: {(Bounded ? "Bounded" : "Available")}}}, persistence: {{mode: {Persistence}{storage}}}, auth: {{formerPasswordFor: {FormerPasswordFor}}}, scheduling: {{zoneSpread: {Spread}}}, sidecar: {{readFrom: {ReadFrom}, consistency: {Consistency}, transactions: {Transactions}}}, paused: {(Paused ? "true" : "false")}{config}");
    }
}
