using System.Text.Json.Serialization;

namespace RedisTopology.Operator.Entities;

/// <summary>What becomes of transactions over several slots. The names are those of the sidecar's own option.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SidecarTransactions>))]
public enum SidecarTransactions
{
    /// <summary>They are refused.</summary>
    OneSlot,

    /// <summary>Each slot has a transaction of its own.</summary>
    PerSlot,
}
