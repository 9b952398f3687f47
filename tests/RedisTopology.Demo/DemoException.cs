namespace RedisTopology.Demo;

/// <summary>The demo cannot go on; the message says why and what to do about it.</summary>
internal sealed class DemoException(string message) : Exception(message);
