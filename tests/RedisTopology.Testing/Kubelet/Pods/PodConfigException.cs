namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>Something a pod refers to is missing or wrong; tried again until it is there.</summary>
/// <param name="reason">The waiting reason or event reason.</param>
/// <param name="message">What is missing.</param>
internal sealed class PodConfigException(string reason, string message) : Exception(message)
{
    /// <summary>The waiting reason or event reason.</summary>
    public string Reason { get; } = reason;
}
