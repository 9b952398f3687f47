using System.Text.Json.Serialization;

namespace RedisTopology.Operator.Entities;

/// <summary>What a server keeps of its data when its pod goes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PersistenceMode>))]
public enum PersistenceMode
{
    /// <summary>Nothing: a cache.</summary>
    None,

    /// <summary>Snapshots: after an hour with 1 change, 5 minutes with 100, a minute with 10,000, and at an orderly end.</summary>
    RDB,

    /// <summary>A log of every write, synchronised each second.</summary>
    AOF,
}
