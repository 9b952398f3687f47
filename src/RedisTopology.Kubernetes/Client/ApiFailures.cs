namespace RedisTopology.Kubernetes;

/// <summary>The ways in which a request to the API server fails.</summary>
public static class ApiFailures
{
    /// <summary>Whether the API server refused a request, or could not be reached, or not in time. That the caller itself gave up is none of them.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <returns>True when it is one of them.</returns>
    public static bool IsOne(Exception failure) => failure is ApiException or HttpRequestException or IOException or TimeoutException;
}
