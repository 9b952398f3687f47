namespace RedisTopology.Operator.Entities;

/// <summary>
/// The limits and messages of validation, stated once: the CRD enforces them where the API server can (schema and CEL), and
/// <see cref="Validation.SpecValidator"/> enforces them again everywhere.
/// </summary>
public static class Rules
{
    /// <summary>The most shards: with their replicas near the 1,000 nodes the Redis Cluster specification plans for.</summary>
    public const int MaxShards = 256;

    /// <summary>The most replicas of a shard. Each costs its master a stream of every write.</summary>
    public const int MaxReplicas = 9;

    /// <summary>The most slot ranges of one shard.</summary>
    public const int MaxRanges = 64;

    /// <summary>The longest shard name, characters: what a StatefulSet's name leaves of a DNS label beside the cluster's.</summary>
    public const int MaxShardName = 20;

    /// <summary>The most patterns of keys with an id.</summary>
    public const int MaxPatterns = Core.Keys.KeyMapping.MaxPatterns;

    /// <summary>The longest pattern, characters.</summary>
    public const int MaxPattern = Core.Keys.KeyPattern.MaxLength;

    /// <summary>The most settings of a spec.</summary>
    public const int MaxSettings = 128;

    /// <summary>The longest value of a setting, characters.</summary>
    public const int MaxSetting = 1024;

    /// <summary>The most rules of population.</summary>
    public const int MaxPopulationRules = 64;

    /// <summary>The longest pattern of keys and the longest URL of an origin, characters.</summary>
    public const int MaxPopulationText = 512;

    /// <summary>Names that would collide with the cluster's own objects.</summary>
    public static readonly IReadOnlyList<string> ReservedShardNames = ["nodes", "masters", "replicas", "config", "sidecar", "auth"];

    internal const string DefaultVersion = "7.2";
    internal const string VersionPattern = @"^[0-9]+\.[0-9]+([.-][A-Za-z0-9_.-]+)?$";
    internal const string ShardNamePattern = "^[a-z]([-a-z0-9]*[a-z0-9])?$";
    internal const string RangePattern = "^[0-9]{1,18}(-([0-9]{1,18})?)?$";
    internal const string TimeoutPattern = "^([1-9]|[1-5][0-9]|60)s$|^([1-9][0-9]{3}|[1-5][0-9]{4}|60000)ms$";

    internal const string IssuerPattern = @"^((ClusterIssuer/)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$";

    internal const string DurationPattern = @"^[0-9]{1,9}(\.[0-9]{1,3})?(ms|s|m|h)$";

    internal const string LazyOrWriteThrough = "spec.sidecar.population[]: give exactly one of lazy and writeThrough";
    internal const string EngineTypeImmutable = "spec.engine.type cannot be changed; create a new CacheCluster";
    internal const string AuthImmutable = "spec.auth.existingSecret cannot be changed: clients mount that Secret by its name; change the password in it, or create a new CacheCluster";
    internal const string TlsImmutable = "spec.tls.enabled cannot be changed: neither servers nor clients speak both with and without TLS; create a new CacheCluster";
    internal const string TlsNotEnabled = "spec.tls: secretName and certManagerIssuer have no effect without TLS; set enabled to true, or leave them out";
    internal const string TlsOneSource = "spec.tls: give at most one of secretName and certManagerIssuer";
    internal const string PersistenceImmutable = "spec.persistence.mode: None cannot be changed to RDB or AOF, nor these to None: the pods have other volumes; create a new CacheCluster";
    internal const string StorageClassImmutable = "spec.persistence.storage.storageClassName cannot be changed; create a new CacheCluster";

    /// <summary>Enforced by the operator alone: CEL compares quantities in Kubernetes 1.29 and newer only.</summary>
    internal const string StorageShrinks = "spec.persistence.storage.size cannot shrink: no volume can; write the former size or more";
    internal const string CountOrShards = "spec.sharding: give exactly one of count and shards";
    internal const string RangesCover = "spec.sharding.shards: the ranges must cover the slots 0-16383 exactly once";
    internal const string KeyRangeNeeded = "spec.sharding.keyRange: belongs to mode KeyRange and is needed there; set both or neither";
    internal const string KeyRangeCount = "spec.sharding.count: an even split of the tablets says nothing about ids; with mode KeyRange name shards and give each its id ranges";
    internal const string WholeTablets = "spec.sharding.shards[].ranges: each id range must be made of whole tablets: it begins a multiple of keyRange.granularity above keyRange.first and ends one id before such a place; the last range is open, for example \"2001-\"";
    internal const string IdsCover = "spec.sharding.shards: the id ranges must cover all ids from keyRange.first exactly once, the last one open, for example \"2001-\"";
    internal const string ModeImmutable = "spec.sharding.mode cannot be changed: keys would be looked for where they are not; create a new CacheCluster";
    internal const string KeyRangeImmutable = "spec.sharding.keyRange cannot be changed: keys would be looked for where they are not; create a new CacheCluster";
    internal const string ShardNameReserved = "spec.sharding.shards[].name: nodes, masters, replicas, config, sidecar and auth are taken by the cluster's own objects; choose another name";
    internal const string BoundedNeedsReplicas = "spec.failover.durability: Bounded needs at least 2 replicas in every shard; set spec.replicas to 2 or more, or durability to Available";
}
