namespace RedisTopology.Kubernetes;

/// <summary>The ways in which a request to the API server fails.</summary>
public static class ApiFailures
{
    /// <summary>Whether the API server refused a request, or could not be reached, or not in time. That the caller itself gave up is none of them.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <returns>True when it is one of them.</returns>
    public static bool IsOne(Exception failure) => failure is ApiException or HttpRequestException or IOException or TimeoutException;

    /// <summary>The same, for a caller that bounds its requests in time: that one of them was cancelled is a failure too, as long as the caller has not given up.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="caller">Cancelled when the caller gives up.</param>
    /// <returns>True when it is one of them.</returns>
    public static bool IsOne(Exception failure, CancellationToken caller) => IsOne(failure) || (failure is OperationCanceledException && !caller.IsCancellationRequested);
}
