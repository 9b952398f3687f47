namespace RedisTopology.Testing;

/// <summary>A process under test did not come up; the message ends with the tail of its log.</summary>
public sealed class ProcessStartException(string message, Exception? inner = null) : Exception(message, inner);
