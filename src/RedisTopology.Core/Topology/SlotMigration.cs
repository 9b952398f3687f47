namespace RedisTopology.Core.Topology;

/// <summary>How a server hands slots to another; decided by what both ends can do.</summary>
public enum SlotMigration
{
    /// <summary>Key by key, with <c>CLUSTER SETSLOT</c> and <c>MIGRATE</c>: every engine.</summary>
    Keys,

    /// <summary>Atomically, ordered at the source with <c>CLUSTER MIGRATESLOTS</c>: Valkey 9.0 and newer.</summary>
    FromSource,

    /// <summary>Atomically, ordered at the target with <c>CLUSTER MIGRATION IMPORT</c>: Redis 8.4 and newer.</summary>
    ToTarget,
}
