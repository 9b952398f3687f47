namespace RedisTopology.Testing;

/// <summary>A text differs from its golden file; the message shows where.</summary>
public sealed class GoldenMismatchException(string message) : Exception(message);
