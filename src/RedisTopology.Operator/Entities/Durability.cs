using System.Text.Json.Serialization;

namespace RedisTopology.Operator.Entities;

/// <summary>What a master does when it cannot reach its replicas.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Durability>))]
public enum Durability
{
    /// <summary>Go on accepting writes.</summary>
    Available,

    /// <summary>Stop accepting writes when no replica has confirmed any for two seconds.</summary>
    Bounded,
}
