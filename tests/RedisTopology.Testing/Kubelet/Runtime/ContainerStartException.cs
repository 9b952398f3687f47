namespace RedisTopology.Testing.Kubelet.Runtime;

/// <summary>A container whose root or mounts could not be made.</summary>
internal sealed class ContainerStartException(string message) : Exception(message);
