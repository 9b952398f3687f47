namespace RedisTopology.Operator.Cluster;

/// <summary>Reads what is too old. What was read before stands in for an API server that does not answer, or not soon.</summary>
internal static class SecretReading
{
    /// <summary>How long what was read before waits for what is.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Reads, when it is time.</summary>
    /// <param name="read">When that was done last; null for never.</param>
    /// <param name="freshness">How old it may be.</param>
    /// <param name="reading">Reads, and says whether what was looked for is missing.</param>
    /// <param name="trustLonger">Called when the API server does not answer: what was read before counts for as long again.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>What <paramref name="reading"/> said; false when it was not called or not answered.</returns>
    public static async Task<bool> FreshenAsync(DateTimeOffset? read, TimeSpan freshness, Func<CancellationToken, Task<bool>> reading, Action trustLonger, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (read is { } last && now - last < freshness)
            return false;
        if (read is null)
            return await reading(cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            return await reading(limit.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is ApiException or HttpRequestException or IOException or OperationCanceledException)
        {
            trustLonger();
            return false;
        }
    }
}
