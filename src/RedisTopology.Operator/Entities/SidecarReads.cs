using System.Text.Json.Serialization;

namespace RedisTopology.Operator.Entities;

/// <summary>Where sidecars send reads. The names are those of the sidecar's own option; its "Zone" is left out, since each pod's zone is known to the pod alone.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SidecarReads>))]
public enum SidecarReads
{
    /// <summary>A replica that is in sync, else the master.</summary>
    Replica,

    /// <summary>The master alone.</summary>
    Master,

    /// <summary>The master or any replica that is in sync, in turn.</summary>
    Any,
}
