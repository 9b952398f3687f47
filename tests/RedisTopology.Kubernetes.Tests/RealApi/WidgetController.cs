using System.Collections.Concurrent;
using RedisTopology.Kubernetes.Tests.Support;

namespace RedisTopology.Kubernetes.Tests.RealApi;

/// <summary>What the controller and finalizer under test were asked to do.</summary>
public sealed class WidgetJournal
{
    public ConcurrentQueue<string> Entries { get; } = new();

    public Func<Widget, CancellationToken, Task>? OnReconcile { get; set; }

    public int Finalizing { get; set; }
}

public sealed class WidgetController(WidgetJournal journal) : IEntityController<Widget>
{
    public async Task<ReconciliationResult<Widget>> ReconcileAsync(Widget entity, CancellationToken cancellationToken)
    {
        journal.Entries.Enqueue($"reconcile {entity.Metadata.Name} {entity.Spec.Replicas}");
        if (journal.OnReconcile is { } action)
            await action(entity, cancellationToken);
        return ReconciliationResult<Widget>.Success(entity);
    }

    public Task<ReconciliationResult<Widget>> DeletedAsync(Widget entity, CancellationToken cancellationToken)
    {
        journal.Entries.Enqueue($"deleted {entity.Metadata.Name}");
        return Task.FromResult(ReconciliationResult<Widget>.Success(entity));
    }
}

public sealed class WidgetFinalizer(WidgetJournal journal) : IEntityFinalizer<Widget>
{
    public Task<ReconciliationResult<Widget>> FinalizeAsync(Widget entity, CancellationToken cancellationToken)
    {
        journal.Entries.Enqueue($"finalize {entity.Metadata.Name}");
        // The first attempt fails: it must be repeated, and the entity must stay until then.
        return Task.FromResult(journal.Finalizing++ == 0
            ? ReconciliationResult<Widget>.Failure(entity, "not yet")
            : ReconciliationResult<Widget>.Success(entity));
    }
}
