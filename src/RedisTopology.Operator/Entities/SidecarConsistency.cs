using System.Text.Json.Serialization;

namespace RedisTopology.Operator.Entities;

/// <summary>How fresh reads through sidecars are. The names are those of the sidecar's own option.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SidecarConsistency>))]
public enum SidecarConsistency
{
    /// <summary>A read may miss any recent write.</summary>
    Eventual,

    /// <summary>A key written through a sidecar is read from the master until the replicas have the write.</summary>
    Session,

    /// <summary>Every read goes to the master.</summary>
    Master,
}
