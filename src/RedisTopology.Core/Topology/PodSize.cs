namespace RedisTopology.Core.Topology;

/// <summary>How a pod's resources stand to those of the spec.</summary>
public enum PodSize
{
    /// <summary>The running container has what the spec says.</summary>
    Fits,

    /// <summary>It has something else, and can be resized in place.</summary>
    Differs,

    /// <summary>A resize in place was ordered and has not reached the container yet.</summary>
    Resizing,

    /// <summary>It has something else and cannot be resized in place: the API server does not serve it, or the node calls it infeasible or puts it off. The pod must be replaced.</summary>
    CannotResize,
}
