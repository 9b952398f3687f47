using System.Net;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>
/// 409: somebody else was faster (a newer resourceVersion, another uid, a field of another manager, a name taken). Not an error: look again and decide anew.
/// The runtime logs it at debug level and requeues.
/// </summary>
public sealed class ApiConflictException : ApiException
{
    /// <summary>A conflict.</summary>
    /// <param name="status">The server's Status object; null when the answer was none.</param>
    /// <param name="message">The text for the log.</param>
    public ApiConflictException(V1Status? status, string message)
        : base(HttpStatusCode.Conflict, status, message)
    {
    }

    /// <summary>Whether the cause is that the object to be created exists.</summary>
    public bool IsAlreadyExists => Reason == "AlreadyExists";
}
