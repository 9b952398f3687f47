using System.Text.Json.Nodes;
using System.Threading.Channels;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Kubernetes;

/// <summary>
/// Sends events in the background, one at a time: they are for people, and must never be in the way. The core/v1 API is used, since <c>kubectl describe</c> shows its
/// counts and every server has it.
/// </summary>
internal sealed class EventPublishing(
    IKubernetesClient client, IApplier applier, OperatorSettings settings, OperatorMetrics metrics, ILeadership leadership, TimeProvider time, ILogger<EventPublishing> logger)
{
    private const int MaxMessage = 1024;

    private readonly Channel<Pending> _queue = Channel.CreateBounded<Pending>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest }, _ => metrics.Event("dropped"));
    private readonly PublishedEvents _published = new(time);

    public Task PublishAsync(IKubernetesObject<V1ObjectMeta> entity, string reason, string message, EventType type, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ArgumentException.ThrowIfNullOrEmpty(reason);
        cancellationToken.ThrowIfCancellationRequested();
        var reference = entity.MakeObjectReference();
        // What changes with every write would make two equal events differ.
        reference.ResourceVersion = null;
        _queue.Writer.TryWrite(new(reference, reason, Cut(message ?? string.Empty), type));
        return Task.CompletedTask;
    }

    /// <summary>Sends until the queue is closed and empty.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var pending in _queue.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                await SendAsync(pending, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The process stops; what is left is lost.
        }
    }

    public void Close() => _queue.Writer.TryComplete();

    private static string Cut(string message) => message.Length <= MaxMessage ? message : message[..(MaxMessage - 1)] + "…";

    private async Task SendAsync(Pending pending, CancellationToken cancellationToken)
    {
        var about = pending.About;
        if (_published.Next(about.Uid ?? string.Empty, about.Name, pending.Reason, $"{pending.Type}\n{pending.Message}") is not { } occurrence)
        {
            metrics.Event("dropped");
            return;
        }

        try
        {
            var @namespace = string.IsNullOrEmpty(about.NamespaceProperty) ? "default" : about.NamespaceProperty;
            if (occurrence.Count == 1 || !await RepeatAsync(@namespace, occurrence, cancellationToken).ConfigureAwait(false))
                await CreateAsync(@namespace, pending, occurrence, cancellationToken).ConfigureAwait(false);
            metrics.Event("published");
        }
#pragma warning disable CA1031 // An event that is not published must not stop anything.
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            metrics.Event("failed");
            Log.EventFailed(logger, pending.Reason, new(about.NamespaceProperty ?? string.Empty, about.Name), e.Message);
        }
    }

    private async Task<bool> RepeatAsync(string @namespace, PublishedEvents.Occurrence occurrence, CancellationToken cancellationToken)
    {
        var patch = new JsonObject { ["count"] = occurrence.Count, ["lastTimestamp"] = occurrence.Last.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null) };
        try
        {
            await applier.MergePatchAsync<Corev1Event>(new(@namespace, occurrence.Name), patch, null, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    private async Task CreateAsync(string @namespace, Pending pending, PublishedEvents.Occurrence occurrence, CancellationToken cancellationToken)
    {
        var entry = new Corev1Event
        {
            Metadata = new() { Name = occurrence.Name, NamespaceProperty = @namespace },
            InvolvedObject = pending.About,
            Reason = pending.Reason,
            Message = pending.Message,
            Type = pending.Type.ToString(),
            Count = occurrence.Count,
            FirstTimestamp = occurrence.First.UtcDateTime,
            LastTimestamp = occurrence.Last.UtcDateTime,
            Source = new() { Component = settings.Name },
            ReportingComponent = settings.Name,
            ReportingInstance = leadership.Identity,
        };
        try
        {
            await client.CreateAsync(entry, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiConflictException)
        {
            // Said before, by an earlier life of this process.
            if (await client.GetAsync<Corev1Event>(occurrence.Name, @namespace, cancellationToken).ConfigureAwait(false) is { } earlier)
            {
                var first = earlier.FirstTimestamp is { } t ? new DateTimeOffset(t, TimeSpan.Zero) : occurrence.First;
                await RepeatAsync(@namespace, _published.Adopt(occurrence.Name, earlier.Count ?? 1, first), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private readonly record struct Pending(V1ObjectReference About, string Reason, string Message, EventType Type);
}
