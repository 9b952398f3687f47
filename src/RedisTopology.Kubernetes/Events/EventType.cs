namespace RedisTopology.Kubernetes;

/// <summary>The type of a Kubernetes event.</summary>
public enum EventType
{
    /// <summary>Information.</summary>
    Normal,

    /// <summary>Something a person should look at.</summary>
    Warning,
}
