namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>What comes of starting an image.</summary>
internal enum SimStart
{
    /// <summary>A server.</summary>
    Server,

    /// <summary>Nothing: the image cannot be pulled, or exits at once.</summary>
    Nothing,

    /// <summary>A container that runs and never answers.</summary>
    Silence,
}
