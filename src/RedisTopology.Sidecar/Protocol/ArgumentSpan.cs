namespace RedisTopology.Sidecar.Protocol;

/// <summary>Where an argument's bytes lie in its request.</summary>
/// <param name="Start">The first byte's place, in bytes from the start of the request.</param>
/// <param name="Length">In bytes.</param>
public readonly record struct ArgumentSpan(int Start, int Length);
