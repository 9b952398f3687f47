namespace RedisTopology.Kubernetes;

/// <summary>A C# type cannot be expressed as a CustomResourceDefinition.</summary>
/// <param name="message">Names the type or property and says what is wrong.</param>
public sealed class CrdException(string message) : Exception(message);
