using RedisTopology.Sidecar.Engine;

namespace RedisTopology.Sidecar.Population;

/// <summary>Something that another thread has for a loop to do.</summary>
internal interface IPosted
{
    /// <summary>Does it, on the loop's thread.</summary>
    void Run(Loop loop);
}
