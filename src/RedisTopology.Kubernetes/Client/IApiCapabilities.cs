using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>What the API server can do, found by asking it, never by comparing version numbers.</summary>
public interface IApiCapabilities
{
    /// <summary>Whether a resource is served. Answers are kept for ten minutes.</summary>
    /// <param name="group">The API group; empty for the core group.</param>
    /// <param name="version">The version, such as <c>v1</c>.</param>
    /// <param name="resource">The plural, or plural and subresource such as <c>pods/resize</c>.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="ApiException">The server could not be asked.</exception>
    Task<bool> ServesAsync(string group, string version, string resource, CancellationToken cancellationToken = default);

    /// <summary>What the server says of a resource, such as the group and version of the objects that a subresource takes. Answers are kept for ten minutes.</summary>
    /// <param name="group">The API group; empty for the core group.</param>
    /// <param name="version">The version, such as <c>v1</c>.</param>
    /// <param name="resource">The plural, or plural and subresource such as <c>pods/eviction</c>.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The resource; null when it is not served.</returns>
    /// <exception cref="ApiException">The server could not be asked.</exception>
    Task<V1APIResource?> FindAsync(string group, string version, string resource, CancellationToken cancellationToken = default);

    /// <summary>Forgets what is known of a group version: to be called when a request for it got 404.</summary>
    /// <param name="group">The API group; empty for the core group.</param>
    /// <param name="version">The version.</param>
    void Invalidate(string group, string version);
}
