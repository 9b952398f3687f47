using System.Text.Json.Serialization;

namespace RedisTopology.Operator.Entities;

/// <summary>How strictly the pods of a shard are spread.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Spread>))]
public enum Spread
{
    /// <summary>Spread when possible.</summary>
    Preferred,

    /// <summary>Do not schedule otherwise.</summary>
    Required,

    /// <summary>No constraint.</summary>
    None,
}
