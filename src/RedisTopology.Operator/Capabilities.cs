using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Operator;

/// <summary>What must be known of the API server before the operator is put together.</summary>
internal static partial class Capabilities
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);

    /// <summary>Whether the API server serves PodDisruptionBudgets as <c>policy/v1</c> (1.21 and newer) rather than <c>policy/v1beta1</c>. Waits until it answers.</summary>
    /// <param name="settings">How to reach it.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True when it does.</returns>
    public static async Task<bool> ServesPolicyV1Async(OperatorSettings settings, CancellationToken cancellationToken)
    {
        var services = new ServiceCollection();
        services.AddLogging(l => l.AddSimpleConsole(o => o.SingleLine = true));
        services.AddKubernetesOperator(s =>
        {
            s.Name = settings.Name;
            s.ClientConfiguration = settings.ClientConfiguration;
            s.RequestTimeout = settings.RequestTimeout;
        });
        await using var provider = services.BuildServiceProvider();
        var capabilities = provider.GetRequiredService<IApiCapabilities>();
        var logger = provider.GetRequiredService<ILogger<IApiCapabilities>>();
        while (true)
        {
            try
            {
                return await capabilities.ServesAsync("policy", "v1", "poddisruptionbudgets", cancellationToken);
            }
            catch (Exception e) when (ApiFailures.IsOne(e, cancellationToken))
            {
                LogWaiting(logger, e.Message);
                await Task.Delay(Retry, TimeProvider.System, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "The API server does not answer yet: {Reason}")]
    private static partial void LogWaiting(ILogger logger, string reason);
}
