namespace RedisTopology.Kubernetes;

/// <summary>A watch ended in another way than by being closed.</summary>
/// <param name="reason">A short word for the metric.</param>
/// <param name="position">Where to watch on; null to list again.</param>
/// <param name="retryAfter">How long to wait; null for the back-off.</param>
/// <param name="inner">The cause.</param>
internal sealed class WatchFailedException(string reason, string? position, TimeSpan? retryAfter, Exception? inner)
    : Exception(inner?.Message ?? reason, inner)
{
    public string Reason => reason;

    public string? Position => position;

    public TimeSpan? RetryAfter => retryAfter;
}
