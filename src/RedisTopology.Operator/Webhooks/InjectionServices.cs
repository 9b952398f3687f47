using Microsoft.Extensions.DependencyInjection;

namespace RedisTopology.Operator.Webhooks;

/// <summary>Adds injection to an operator.</summary>
internal static class InjectionServices
{
    public static IServiceCollection AddInjection(this IServiceCollection services, InjectionSettings settings) => services
        .AddSingleton(settings)
        .AddSingleton<CertificateKeeper>()
        .AddSingleton<InjectionReview>()
        .AddSingleton<WebhookServer>()
        .AddHostedService(p => p.GetRequiredService<CertificateKeeper>())
        .AddHostedService(p => p.GetRequiredService<WebhookServer>());
}
