using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Prometheus;

namespace RedisTopology.Kubernetes;

/// <summary>The way in.</summary>
public static class ServiceCollectionExtensions
{
    /// <summary>
    /// Adds an operator to a host: API client, caches, controllers, leader election, events, health and metrics. Injectable afterwards: <see cref="IKubernetesClient"/>,
    /// <see cref="IKubernetes"/>, <see cref="IApplier"/>, <see cref="IApiCapabilities"/>, <see cref="ILeadership"/>, <see cref="EventPublisher"/>,
    /// <see cref="EntityQueue{TEntity}"/>, <see cref="IEntityKeyQueue{TEntity}"/>, <see cref="IResourceCache{T}"/>, <see cref="CollectorRegistry"/>,
    /// <see cref="IOperatorEndpoints"/>.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Changes settings; null for the defaults.</param>
    public static IOperatorBuilder AddKubernetesOperator(this IServiceCollection services, Action<OperatorSettings>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var settings = new OperatorSettings();
        configure?.Invoke(settings);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddLogging();
        services.TryAddSingleton(_ =>
        {
            var registry = Prometheus.Metrics.NewCustomRegistry();
            DotNetStats.Register(registry);
            return registry;
        });
        services.AddSingleton<OperatorMetrics>();
        services.AddSingleton(p => ApiClientFactory.Create(settings, p.GetRequiredService<OperatorMetrics>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IKubernetes>(p => p.GetRequiredService<k8s.Kubernetes>());
        services.AddSingleton(p => new ApiConnection(p.GetRequiredService<k8s.Kubernetes>(), p.GetRequiredService<TimeProvider>(), settings.RequestTimeout));
        services.AddSingleton<IKubernetesClient, KubernetesApiClient>();
        services.AddSingleton<IApplier, Applier>();
        services.AddSingleton<IApiCapabilities, ApiCapabilities>();
        services.AddSingleton<Leadership>();
        services.AddSingleton<ILeadership>(p => p.GetRequiredService<Leadership>());
        services.AddSingleton<LeaderElection>();
        services.AddSingleton<EventPublishing>();
        services.AddSingleton<EventPublisher>(p => p.GetRequiredService<EventPublishing>().PublishAsync);
        services.AddSingleton<HealthReport>();
        services.AddSingleton<WebEndpoints>();
        services.AddSingleton<IOperatorEndpoints>(p => p.GetRequiredService<WebEndpoints>());
        services.AddHostedService<OperatorHost>();
        // Drain, last events, lease and caches each have their own bound; the host's must not cut them short.
        services.Configure<HostOptions>(o => o.ShutdownTimeout = settings.DrainTimeout + TimeSpan.FromSeconds(15));
        return new OperatorBuilder(services, settings);
    }
}
