namespace RedisTopology.Kubernetes;

/// <summary>A loop that can tell whether it still turns.</summary>
internal interface ILivenessProbe
{
    string Name { get; }

    bool IsAlive { get; }
}
