using System.Text.Json.Serialization;

namespace RedisTopology.Operator.Entities;

/// <summary>Which server runs in the pods.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EngineType>))]
public enum EngineType
{
    /// <summary>Redis 7.0 or newer.</summary>
    Redis,

    /// <summary>Valkey 7.2 or newer.</summary>
    Valkey,
}
