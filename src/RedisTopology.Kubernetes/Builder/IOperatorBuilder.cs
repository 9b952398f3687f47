using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace RedisTopology.Kubernetes;

/// <summary>Puts an operator together. Comes from <c>services.AddKubernetesOperator(...)</c>.</summary>
public interface IOperatorBuilder
{
    /// <summary>The services of the host.</summary>
    IServiceCollection Services { get; }

    /// <summary>The settings, as configured.</summary>
    OperatorSettings Settings { get; }

    /// <summary>Adds a controller: a cache of its kind, a queue, and workers while this instance leads. Made anew for each reconciliation, in a scope of its own.</summary>
    /// <typeparam name="TImplementation">The controller.</typeparam>
    /// <typeparam name="TEntity">The kind.</typeparam>
    IOperatorBuilder AddController<TImplementation, TEntity>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Adds a finalizer to a controlled kind.</summary>
    /// <typeparam name="TImplementation">The finalizer.</typeparam>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="identifier">The name put on entities: <c>domain/name</c>.</param>
    IOperatorBuilder AddFinalizer<TImplementation, TEntity>(string identifier)
        where TImplementation : class, IEntityFinalizer<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Adds a cache: <see cref="IResourceCache{T}"/> becomes injectable. Adding one again only configures it further.</summary>
    /// <typeparam name="T">The kind, a slim view of it, or <see cref="RawObject{TKind}"/>.</typeparam>
    /// <param name="configure">What it holds; null for all objects in the watched namespaces.</param>
    IOperatorBuilder AddCache<T>(Action<ResourceCacheOptions<T>>? configure = null)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Adds a cache of children; each change enqueues the entity that is the child's controller owner.</summary>
    /// <typeparam name="TEntity">The controlled kind.</typeparam>
    /// <typeparam name="TChild">The kind or view of the children.</typeparam>
    /// <param name="configure">What the cache holds.</param>
    /// <param name="predicate">Which changes matter; null for all.</param>
    IOperatorBuilder Owns<TEntity, TChild>(Action<ResourceCacheOptions<TChild>>? configure = null, Func<ResourceChange<TChild>, bool>? predicate = null)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
        where TChild : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Adds a cache of other objects; each change enqueues the entities it maps to.</summary>
    /// <typeparam name="TEntity">The controlled kind.</typeparam>
    /// <typeparam name="TOther">The kind or view that is watched.</typeparam>
    /// <param name="map">From a change to the keys of concerned entities; gets the controlled kind's cache to search in. Runs on the watching thread.</param>
    /// <param name="configure">What the cache holds.</param>
    IOperatorBuilder Watches<TEntity, TOther>(
        Func<ResourceChange<TOther>, IResourceCache<TEntity>, IEnumerable<ObjectKey>> map,
        Action<ResourceCacheOptions<TOther>>? configure = null)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
        where TOther : class, IKubernetesObject<V1ObjectMeta>;
}
