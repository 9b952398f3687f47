namespace RedisTopology.Kubernetes;

/// <summary>Where health and metrics are served.</summary>
public interface IOperatorEndpoints
{
    /// <summary>The address, with the port actually bound; null before the start or when switched off.</summary>
    Uri? Address { get; }
}
