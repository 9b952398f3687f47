using System.Threading.RateLimiting;

namespace RedisTopology.Kubernetes;

/// <summary>
/// A bound against loops that ran away, far above what a healthy operator needs. Watches are not counted, nor are leases: an operator that limits itself must not
/// lose its leadership by it.
/// </summary>
internal sealed class RateLimitHandler(int requestsPerSecond) : DelegatingHandler
{
    private readonly TokenBucketRateLimiter _limiter = new(new()
    {
        TokenLimit = Math.Max(1, requestsPerSecond) * 2,
        TokensPerPeriod = Math.Max(1, requestsPerSecond / 10),
        ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
        QueueLimit = int.MaxValue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (ApiMetricsHandler.IsWatch(request) || request.RequestUri!.AbsolutePath.Contains("/leases", StringComparison.Ordinal))
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        using var lease = await _limiter.AcquireAsync(1, cancellationToken).ConfigureAwait(false);
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _limiter.Dispose();
        base.Dispose(disposing);
    }
}
