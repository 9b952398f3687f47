namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>What a StatefulSet makes its pods from.</summary>
/// <param name="Image">A number for the image and whatever else needs a new pod.</param>
/// <param name="Start">What comes of starting it.</param>
/// <param name="Memory">The memory limit of the container, bytes.</param>
internal sealed record SimTemplate(int Image, SimStart Start, long Memory)
{
    public long MaxMemory => Memory / 4 * 3;
}
