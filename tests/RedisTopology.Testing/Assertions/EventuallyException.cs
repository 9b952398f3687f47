namespace RedisTopology.Testing;

/// <summary>A condition did not become true in time; the message holds the last observation.</summary>
public sealed class EventuallyException(string message, Exception? lastFailure) : Exception(message, lastFailure);
