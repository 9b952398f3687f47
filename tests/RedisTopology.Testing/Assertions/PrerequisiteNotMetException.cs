namespace RedisTopology.Testing;

/// <summary>Makes xunit skip the running test; see <see cref="Prerequisites"/>.</summary>
public sealed class PrerequisiteNotMetException(string message) : Exception(message);
