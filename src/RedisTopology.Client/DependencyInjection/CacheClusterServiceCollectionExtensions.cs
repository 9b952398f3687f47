using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using RedisTopology.Client;
using RedisTopology.Core.Keys;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the cache.</summary>
public static class CacheClusterServiceCollectionExtensions
{
    /// <summary>Registers <see cref="ICacheCluster"/> as a singleton. The connection is made at first use; the application starts without it.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; null: a sidecar at 127.0.0.1:6379, and the default policy.</param>
    /// <returns>The services.</returns>
    /// <remarks>Metrics are in the meter <c>RedisTopology.Client</c>, traces in the activity source of the same name.</remarks>
    public static IServiceCollection AddCacheCluster(this IServiceCollection services, Action<CacheClusterOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<CacheClusterOptions>();
        if (configure is not null)
            services.Configure(configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static s => new ClusterConnection(Options(s), s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(static s => Options(s).KeyRange?.ToMapping() ?? KeyMapping.HashSlotMode);
        services.TryAddSingleton<ICacheCluster>(static s => new CacheCluster(
            Options(s), s.GetRequiredService<ClusterConnection>(), s.GetRequiredService<KeyMapping>(), s.GetService<HybridCache>(), s.GetService<IMeterFactory>(), s.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <summary>
    /// Registers the cluster as the <see cref="IDistributedCache"/> too, with plain strings for entries: the second level of an application's own HybridCache. What its
    /// keys hold is then HybridCache's own format.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">As for <see cref="AddCacheCluster"/>, which this calls.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddCacheClusterDistributedCache(this IServiceCollection services, Action<CacheClusterOptions>? configure = null)
    {
        services.AddCacheCluster(configure);
        services.AddSingleton<IDistributedCache>(static s => new PlainDistributedCache(s.GetRequiredService<ClusterConnection>(), s.GetRequiredService<KeyMapping>(), s.GetRequiredService<TimeProvider>()));
        return services;
    }

    private static CacheClusterOptions Options(IServiceProvider services) => services.GetRequiredService<IOptions<CacheClusterOptions>>().Value;
}
