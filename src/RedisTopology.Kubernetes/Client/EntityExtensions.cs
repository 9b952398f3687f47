using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>Small helpers on entities, with the names KubeOps gives them.</summary>
public static class EntityExtensions
{
    /// <summary>A controller owner reference to the entity: deletion of the owner waits for the child, and only one controller may own it.</summary>
    /// <param name="entity">The owner; its uid must be set.</param>
    public static V1OwnerReference MakeOwnerReference(this IKubernetesObject<V1ObjectMeta> entity)
    {
        ArgumentNullException.ThrowIfNull(entity);
        var kind = EntityMetadata.Of(entity.GetType());
        return new()
        {
            ApiVersion = kind.ApiVersion,
            Kind = kind.Kind,
            Name = entity.Metadata.Name,
            Uid = entity.Metadata.Uid,
            Controller = true,
            BlockOwnerDeletion = true,
        };
    }

    /// <summary>A reference to the entity, as events carry it.</summary>
    /// <param name="entity">The entity.</param>
    public static V1ObjectReference MakeObjectReference(this IKubernetesObject<V1ObjectMeta> entity)
    {
        ArgumentNullException.ThrowIfNull(entity);
        var kind = EntityMetadata.Of(entity.GetType());
        return new()
        {
            ApiVersion = kind.ApiVersion,
            Kind = kind.Kind,
            Name = entity.Metadata.Name,
            NamespaceProperty = entity.Metadata.NamespaceProperty,
            ResourceVersion = entity.Metadata.ResourceVersion,
            Uid = entity.Metadata.Uid,
        };
    }

    /// <summary>The controller among the owner references; null when there is none.</summary>
    /// <param name="entity">The child.</param>
    public static V1OwnerReference? ControllerOwner(this IKubernetesObject<V1ObjectMeta> entity)
    {
        ArgumentNullException.ThrowIfNull(entity);
        if (entity.Metadata.OwnerReferences is not { Count: > 0 } owners)
            return null;
        foreach (var owner in owners)
        {
            if (owner.Controller == true)
                return owner;
        }

        return null;
    }

    /// <summary>Queues an entity by the operator itself: the short form of the delegate.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="queue">The queue.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="queueIn">After how long; zero for now.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public static Task<bool> RequeueAsync<TEntity>(this EntityQueue<TEntity> queue, TEntity entity, TimeSpan queueIn = default, CancellationToken cancellationToken = default)
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(queue);
        return queue(entity, ReconciliationType.Modified, ReconciliationTriggerSource.Operator, queueIn, 0, cancellationToken);
    }
}
