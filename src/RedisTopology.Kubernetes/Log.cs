using Microsoft.Extensions.Logging;

namespace RedisTopology.Kubernetes;

/// <summary>Every message of the runtime.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Debug, "Listed {Resource} in {Namespace}: {Count} objects at {ResourceVersion}")]
    public static partial void Listed(ILogger logger, string resource, string @namespace, int count, string resourceVersion);

    [LoggerMessage(2, LogLevel.Information, "A list of {Resource} in {Namespace} expired between pages; listing again")]
    public static partial void ListExpired(ILogger logger, string resource, string @namespace);

    [LoggerMessage(3, LogLevel.Information, "The watch of {Resource} in {Namespace} restarts ({Reason}): {Message}")]
    public static partial void WatchRestarts(ILogger logger, string resource, string @namespace, string reason, string message);

    [LoggerMessage(4, LogLevel.Warning, "{Resource} in {Namespace} could not be listed or watched: {Message}")]
    public static partial void ListFailed(ILogger logger, string resource, string @namespace, string message, Exception error);

    [LoggerMessage(5, LogLevel.Warning, "{Resource} {Key} cannot be read and is treated as unchanged: {Message}")]
    public static partial void Unreadable(ILogger logger, string resource, ObjectKey key, string message);

    [LoggerMessage(10, LogLevel.Debug, "Reconciled {Controller} {Key} in {Milliseconds} ms")]
    public static partial void Reconciled(ILogger logger, string controller, ObjectKey key, double milliseconds);

    [LoggerMessage(11, LogLevel.Warning, "Reconciling {Controller} {Key} failed, {Failures} in a row, next try in {Delay}: {Message}")]
    public static partial void ReconcileFailed(ILogger logger, string controller, ObjectKey key, int failures, TimeSpan delay, string message, Exception? error);

    [LoggerMessage(12, LogLevel.Debug, "Reconciling {Controller} {Key} met a conflict: {Message}")]
    public static partial void ReconcileConflicted(ILogger logger, string controller, ObjectKey key, string message);

    [LoggerMessage(13, LogLevel.Information, "{Controller}: workers start")]
    public static partial void WorkersStart(ILogger logger, string controller);

    [LoggerMessage(14, LogLevel.Information, "{Controller}: workers stopped, {Running} reconciliations still running")]
    public static partial void WorkersStopped(ILogger logger, string controller, int running);

    [LoggerMessage(15, LogLevel.Information, "Finalizer {Identifier} of {Key} is done")]
    public static partial void Finalized(ILogger logger, string identifier, ObjectKey key);

    [LoggerMessage(20, LogLevel.Information, "{Identity} leads")]
    public static partial void LeadershipGained(ILogger logger, string identity);

    [LoggerMessage(21, LogLevel.Warning, "{Identity} no longer leads")]
    public static partial void LeadershipLost(ILogger logger, string identity);

    [LoggerMessage(22, LogLevel.Information, "The leader is {Leader}")]
    public static partial void LeaderObserved(ILogger logger, string leader);

    [LoggerMessage(23, LogLevel.Warning, "The lease could not be read or written: {Message}")]
    public static partial void LeaseFailed(ILogger logger, string message);

    [LoggerMessage(24, LogLevel.Information, "The lease was released")]
    public static partial void LeaseReleased(ILogger logger);

    [LoggerMessage(25, LogLevel.Information, "Leader election is off: this instance always acts")]
    public static partial void LeaderElectionOff(ILogger logger);

    [LoggerMessage(30, LogLevel.Debug, "Event {Reason} of {Key} was not published: {Message}")]
    public static partial void EventFailed(ILogger logger, string reason, ObjectKey key, string message);

    [LoggerMessage(40, LogLevel.Information, "Listening on {Address} for /livez, /readyz and /metrics")]
    public static partial void WebListening(ILogger logger, string address);

    [LoggerMessage(41, LogLevel.Error, "{Name} ended unexpectedly")]
    public static partial void LoopDied(ILogger logger, string name, Exception error);
}
