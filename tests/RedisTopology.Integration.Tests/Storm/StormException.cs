namespace RedisTopology.Integration.Tests.Storm;

/// <summary>A storm found something that does not hold.</summary>
internal sealed class StormException(string message, Exception inner) : Exception(message, inner);
