using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace RedisTopology.Kubernetes;

internal sealed class OperatorBuilder(IServiceCollection services, OperatorSettings settings) : IOperatorBuilder
{
    private readonly HashSet<Type> _caches = [];
    private readonly HashSet<Type> _controlled = [];

    public IServiceCollection Services => services;

    public OperatorSettings Settings => settings;

    public IOperatorBuilder AddController<TImplementation, TEntity>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        if (!_controlled.Add(typeof(TEntity)))
            throw new InvalidOperationException($"{typeof(TEntity).Name} has a controller already; two would work against each other.");
        AddCache<TEntity>();
        services.TryAddScoped<TImplementation>();
        services.AddScoped<IEntityController<TEntity>>(p => p.GetRequiredService<TImplementation>());
        services.AddSingleton<Reconciler<TEntity>>();
        services.AddSingleton<ControllerPipeline<TEntity>>();
        services.AddSingleton<IControllerPipeline>(p => p.GetRequiredService<ControllerPipeline<TEntity>>());
        // Lazily, so that a controller or a key source may itself want the queue.
        services.AddSingleton<IEntityKeyQueue<TEntity>, LazyEntityQueue<TEntity>>();
        services.AddSingleton<EntityQueue<TEntity>>(p =>
        {
            var queue = p.GetRequiredService<IEntityKeyQueue<TEntity>>();
            return (entity, _, _, queueIn, _, cancellationToken) =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return Task.FromResult(queue.Enqueue(ObjectKey.Of(entity), queueIn));
            };
        });
        return this;
    }

    public IOperatorBuilder AddFinalizer<TImplementation, TEntity>(string identifier)
        where TImplementation : class, IEntityFinalizer<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        if (identifier is null || identifier.IndexOf('/', StringComparison.Ordinal) <= 0)
            throw new ArgumentException("A finalizer is named domain/name.", nameof(identifier));
        services.TryAddScoped<TImplementation>();
        services.AddSingleton(new FinalizerRegistration<TEntity>(identifier, typeof(TImplementation)));
        return this;
    }

    public IOperatorBuilder AddCache<T>(Action<ResourceCacheOptions<T>>? configure = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (configure is not null)
            services.AddSingleton(configure);
        if (!_caches.Add(typeof(T)))
            return this;
        services.AddSingleton(p =>
        {
            var options = new ResourceCacheOptions<T>();
            foreach (var change in p.GetServices<Action<ResourceCacheOptions<T>>>())
                change(options);
            return options;
        });
        services.AddSingleton<ResourceCache<T>>();
        services.AddSingleton<IResourceCache<T>>(p => p.GetRequiredService<ResourceCache<T>>());
        services.AddSingleton<IBackgroundLoop>(p => p.GetRequiredService<ResourceCache<T>>());
        return this;
    }

    public IOperatorBuilder Owns<TEntity, TChild>(Action<ResourceCacheOptions<TChild>>? configure = null, Func<ResourceChange<TChild>, bool>? predicate = null)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
        where TChild : class, IKubernetesObject<V1ObjectMeta>
    {
        AddCache(configure);
        services.AddSingleton<IKeySource<TEntity>>(p => new OwnedKeySource<TEntity, TChild>(p.GetRequiredService<IResourceCache<TChild>>(), predicate));
        return this;
    }

    public IOperatorBuilder Watches<TEntity, TOther>(
        Func<ResourceChange<TOther>, IResourceCache<TEntity>, IEnumerable<ObjectKey>> map, Action<ResourceCacheOptions<TOther>>? configure = null)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
        where TOther : class, IKubernetesObject<V1ObjectMeta>
    {
        AddCache(configure);
        services.AddSingleton<IKeySource<TEntity>>(p => new MappedKeySource<TEntity, TOther>(
            p.GetRequiredService<IResourceCache<TOther>>(), p.GetRequiredService<IResourceCache<TEntity>>(), map));
        return this;
    }

    private sealed class LazyEntityQueue<TEntity>(IServiceProvider services) : IEntityKeyQueue<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        private ControllerPipeline<TEntity>? _pipeline;

        public bool Enqueue(ObjectKey key, TimeSpan delay = default)
            => (_pipeline ??= services.GetRequiredService<ControllerPipeline<TEntity>>()).Enqueue(key, delay);
    }
}
