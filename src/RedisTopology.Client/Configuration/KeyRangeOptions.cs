using RedisTopology.Core.Keys;

namespace RedisTopology.Client;

/// <summary>The mapping of a cluster that is sharded by ranges of ids: the same as <c>spec.sharding.keyRange</c> of its CacheCluster.</summary>
public sealed class KeyRangeOptions
{
    /// <summary>Forms of keys that carry a numeric id, e.g. <c>user:{id}</c> or <c>user:{id}:*</c>; the first that matches decides. 1 to 32.</summary>
    public IList<string> Patterns { get; } = [];

    /// <summary>The id the first tablet begins with. Default 1; 0 to 10^18 - 1.</summary>
    public long First { get; set; } = 1;

    /// <summary>The number of ids of a tablet. Default 1000; 1 to 10^14.</summary>
    public long Granularity { get; set; } = 1000;

    internal KeyMapping ToMapping() => KeyMapping.TryCreate([.. Patterns], First, Granularity, out var mapping, out var errors)
        ? mapping
        : throw new ArgumentException($"KeyRange: {string.Join("; ", errors)}");
}
