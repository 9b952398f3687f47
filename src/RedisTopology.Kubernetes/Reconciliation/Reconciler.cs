using System.Collections.Concurrent;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Kubernetes;

/// <summary>What one turn for one key means: reconcile, finalize, or report the deletion.</summary>
internal sealed class Reconciler<TEntity>(
    IServiceScopeFactory scopes,
    IResourceCache<TEntity> cache,
    IApplier applier,
    OperatorSettings settings,
    IEnumerable<FinalizerRegistration<TEntity>> finalizers,
    ILogger<Reconciler<TEntity>> logger)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly FinalizerRegistration<TEntity>[] _finalizers = [.. finalizers];
    private readonly ConcurrentDictionary<ObjectKey, TEntity> _deleted = new();

    /// <summary>Remembers an entity that vanished, for <see cref="IEntityController{TEntity}.DeletedAsync"/>.</summary>
    public void NoteDeleted(TEntity entity) => _deleted[ObjectKey.Of(entity)] = entity;

    /// <returns>The result; null when there was nothing to do.</returns>
    public async Task<ReconciliationResult<TEntity>?> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        // The deletion first, even when a namesake lives already: the controller must drop the old one's state before it meets the new.
        if (_deleted.TryGetValue(key, out var deleted))
        {
            var result = await Controller(scope).DeletedAsync(deleted, cancellationToken).ConfigureAwait(false);
            if (!result.IsSuccess)
                return result;
            _deleted.TryRemove(KeyValuePair.Create(key, deleted));
        }

        var entity = cache.Get(key.Namespace, key.Name);
        if (entity is null)
            return null;
        if (entity.Metadata.DeletionTimestamp is not null)
            return await FinalizeAsync(scope, entity, cancellationToken).ConfigureAwait(false);
        if (settings.AutoAttachFinalizers && FinalizerPatches.Attach(entity, [.. _finalizers.Select(f => f.Identifier)]) is { } patch)
        {
            // The watch brings the entity back with its finalizers; only then is there anything to lose.
            await applier.MergePatchAsync<TEntity>(key, patch, null, cancellationToken).ConfigureAwait(false);
            return null;
        }

        return await Controller(scope).ReconcileAsync(entity, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ReconciliationResult<TEntity>?> FinalizeAsync(AsyncServiceScope scope, TEntity entity, CancellationToken cancellationToken)
    {
        foreach (var finalizer in _finalizers.Where(f => entity.Metadata.Finalizers?.Contains(f.Identifier) == true))
        {
            var implementation = (IEntityFinalizer<TEntity>)scope.ServiceProvider.GetRequiredService(finalizer.Implementation);
            var result = await implementation.FinalizeAsync(entity, cancellationToken).ConfigureAwait(false);
            if (!result.IsSuccess || result.RequeueAfter is not null)
                return result;
            if (!settings.AutoDetachFinalizers)
                continue;
            try
            {
                await applier.MergePatchAsync<TEntity>(ObjectKey.Of(entity), FinalizerPatches.Detach(entity, [finalizer.Identifier])!, null, cancellationToken).ConfigureAwait(false);
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                // Gone already: this process was here before, and crashed between the patch and its event.
            }

            Log.Finalized(logger, finalizer.Identifier, ObjectKey.Of(entity));
            // The next finalizer needs the new resourceVersion, which the event brings.
            return null;
        }

        return null;
    }

    private static IEntityController<TEntity> Controller(AsyncServiceScope scope) => scope.ServiceProvider.GetRequiredService<IEntityController<TEntity>>();
}
