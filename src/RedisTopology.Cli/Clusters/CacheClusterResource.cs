using System.Text.Json;
using System.Text.Json.Serialization;

namespace RedisTopology.Cli.Clusters;

/// <summary>A CacheCluster as far as it is shown here. Fields of newer operators are passed over, absent ones are null.</summary>
internal sealed class CacheClusterResource
{
    public const string Group = "cache.redistopology.io";
    public const string Version = "v1alpha1";
    public const string Plural = "cacheclusters";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.AllowReadingFromString };

    public MetadataPart Metadata { get; set; } = new();

    public SpecPart Spec { get; set; } = new();

    public StatusPart Status { get; set; } = new();

    /// <summary>The default of <c>spec.replicas</c> is 1.</summary>
    public int Replicas(string? shard) => Spec.Sharding.Shards?.FirstOrDefault(s => s.Name == shard)?.Replicas ?? Spec.Replicas ?? 1;

    public static CacheClusterResource Parse(JsonElement json) => json.Deserialize<CacheClusterResource>(Options) ?? new();

    internal sealed class MetadataPart
    {
        public string Name { get; set; } = "";

        public string Namespace { get; set; } = "";

        public long Generation { get; set; }

        public DateTimeOffset? CreationTimestamp { get; set; }

        public Dictionary<string, string>? Annotations { get; set; }
    }

    internal sealed class SpecPart
    {
        public SizePart Size { get; set; } = new();

        public int? Replicas { get; set; }

        public ShardingPart Sharding { get; set; } = new();

        public AuthPart? Auth { get; set; }

        public PersistencePart? Persistence { get; set; }

        public SchedulingPart? Scheduling { get; set; }

        public bool Paused { get; set; }
    }

    internal sealed class SizePart
    {
        public JsonElement? Memory { get; set; }

        public int? MaxMemoryPercent { get; set; }
    }

    internal sealed class ShardingPart
    {
        public string? Mode { get; set; }

        public int? Count { get; set; }

        public List<ShardPart>? Shards { get; set; }

        public KeyRangePart? KeyRange { get; set; }
    }

    internal sealed class KeyRangePart
    {
        public List<string>? Patterns { get; set; }

        public long? First { get; set; }

        public long? Granularity { get; set; }
    }

    internal sealed class ShardPart
    {
        public string Name { get; set; } = "";

        public List<string>? Ranges { get; set; }

        public int? Replicas { get; set; }
    }

    internal sealed class AuthPart
    {
        public string? ExistingSecret { get; set; }
    }

    internal sealed class PersistencePart
    {
        public string? Mode { get; set; }
    }

    internal sealed class SchedulingPart
    {
        public string? NodeSpread { get; set; }

        public string? ZoneSpread { get; set; }
    }

    internal sealed class StatusPart
    {
        public long? ObservedGeneration { get; set; }

        public string? Phase { get; set; }

        public string? Engine { get; set; }

        public string? Ready { get; set; }

        public string? SlotsCovered { get; set; }

        public List<ConditionPart>? Conditions { get; set; }

        public List<MigrationPart>? Migrations { get; set; }

        public List<ShardStatusPart>? Shards { get; set; }
    }

    internal sealed class ConditionPart
    {
        public string Type { get; set; } = "";

        public string Status { get; set; } = "";

        public string Reason { get; set; } = "";

        public string Message { get; set; } = "";

        public DateTimeOffset? LastTransitionTime { get; set; }
    }

    internal sealed class MigrationPart
    {
        public string From { get; set; } = "";

        public string To { get; set; } = "";

        public string? Slots { get; set; }

        public long? Moved { get; set; }

        public long? Total { get; set; }
    }

    internal sealed class ShardStatusPart
    {
        public string Name { get; set; } = "";

        public List<string>? Ranges { get; set; }

        public int? Slots { get; set; }

        public string? Master { get; set; }

        public string? Ready { get; set; }

        public List<ReplicaPart>? Replicas { get; set; }

        public long? UsedMemory { get; set; }

        public long? Keys { get; set; }
    }

    internal sealed class ReplicaPart
    {
        public string Pod { get; set; } = "";

        public long? LagBytes { get; set; }

        public string? Link { get; set; }
    }
}
