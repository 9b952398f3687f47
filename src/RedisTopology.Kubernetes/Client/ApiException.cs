using System.Net;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>The API server refused a request.</summary>
public class ApiException : Exception
{
    /// <summary>A refusal.</summary>
    /// <param name="statusCode">The HTTP status.</param>
    /// <param name="status">The server's Status object; null when the answer was none.</param>
    /// <param name="message">The text for the log.</param>
    /// <param name="retryAfter">The server's Retry-After; null for none.</param>
    public ApiException(HttpStatusCode statusCode, V1Status? status, string message, TimeSpan? retryAfter = null)
        : base(message)
    {
        StatusCode = statusCode;
        Status = status;
        RetryAfter = retryAfter;
    }

    /// <summary>The HTTP status.</summary>
    public HttpStatusCode StatusCode { get; }

    /// <summary>The server's Status object; null when the answer was none.</summary>
    public V1Status? Status { get; }

    /// <summary>The server's reason, such as <c>Expired</c>; null when it gave none.</summary>
    public string? Reason => Status?.Reason;

    /// <summary>How long the server asks to wait; null when it does not.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Whether the object, or the whole resource, does not exist.</summary>
    public bool IsNotFound => StatusCode == HttpStatusCode.NotFound;
}
