using System.Net;

namespace RedisTopology.Testing;

/// <summary>Something a Kubernetes API server, or the way to it, does wrong. Injected by <see cref="FaultProxy.Inject"/>.</summary>
public abstract record Fault
{
    private protected Fault()
    {
    }

    /// <summary>Whether it only makes sense for a watch; other requests are not matched then.</summary>
    internal virtual bool IsForWatches => false;

    /// <summary>HTTP 410 Expired: the resource version or continue token of a list or watch is too old.</summary>
    public static Fault Gone { get; } = Status(HttpStatusCode.Gone, "Expired", "The provided resource version is too old");

    /// <summary>HTTP 409: somebody else changed or owns it.</summary>
    public static Fault Conflict { get; } = Status(HttpStatusCode.Conflict, "Conflict", "the object has been modified; please apply your changes to the latest version");

    /// <summary>HTTP 500.</summary>
    public static Fault InternalError { get; } = Status(HttpStatusCode.InternalServerError, "InternalError", "injected");

    /// <summary>The connection is cut before an answer.</summary>
    public static Fault Abort { get; } = new AbortFault();

    /// <summary>HTTP 429 with Retry-After, whole seconds.</summary>
    public static Fault TooManyRequests(TimeSpan retryAfter) =>
        new StatusFault(HttpStatusCode.TooManyRequests, "TooManyRequests", "injected", retryAfter);

    /// <summary>Any other failure status, with a Kubernetes Status object as the body.</summary>
    public static Fault Status(HttpStatusCode code, string reason, string message) => new StatusFault(code, reason, message, null);

    /// <summary>The answer comes this much later. The rules after it still apply: a slow answer may also be a bad one.</summary>
    public static Fault Latency(TimeSpan delay) => new LatencyFault(delay);

    /// <summary>The answer's body is cut short JSON, with status 200.</summary>
    public static Fault MalformedBody { get; } = new MalformedFault();

    /// <summary>Watch: an ERROR event with a 410 Status, then the end, as the API server does when its history was compacted.</summary>
    /// <param name="afterEvents">How many events pass first (bookmarks count).</param>
    public static Fault WatchExpired(int afterEvents = 0) => new WatchFault(WatchFaultKind.Expired, afterEvents);

    /// <summary>Watch: the connection is cut in the middle of the stream.</summary>
    /// <param name="afterEvents">How many events pass first.</param>
    public static Fault WatchDropped(int afterEvents = 0) => new WatchFault(WatchFaultKind.Dropped, afterEvents);

    /// <summary>Watch: stays open and not one more byte comes.</summary>
    /// <param name="afterEvents">How many events pass first.</param>
    public static Fault WatchStalled(int afterEvents = 0) => new WatchFault(WatchFaultKind.Stalled, afterEvents);

    /// <summary>Watch: ends properly, as on the server's timeout; with 0 events it never said anything.</summary>
    /// <param name="afterEvents">How many events pass first.</param>
    public static Fault WatchClosed(int afterEvents = 0) => new WatchFault(WatchFaultKind.Closed, afterEvents);

    /// <summary>Watch: one line that is not JSON, then the stream goes on.</summary>
    /// <param name="afterEvents">How many events pass first.</param>
    public static Fault WatchMalformed(int afterEvents = 0) => new WatchFault(WatchFaultKind.Malformed, afterEvents);

    internal sealed record StatusFault(HttpStatusCode Code, string Reason, string Message, TimeSpan? RetryAfter) : Fault;

    internal sealed record LatencyFault(TimeSpan Delay) : Fault;

    internal sealed record AbortFault : Fault;

    internal sealed record MalformedFault : Fault;

    internal sealed record WatchFault(WatchFaultKind Kind, int AfterEvents) : Fault
    {
        internal override bool IsForWatches => true;
    }
}
