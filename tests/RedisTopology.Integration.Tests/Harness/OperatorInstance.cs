using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RedisTopology.Kubernetes;
using RedisTopology.Operator;
using RedisTopology.Operator.Steps;

namespace RedisTopology.Integration.Tests.Harness;

/// <summary>An operator in this process, confined to one namespace, exactly as <c>run</c> puts it together.</summary>
public sealed class OperatorInstance : IAsyncDisposable
{
    private readonly IHost _host;
    private bool _stopped;

    private OperatorInstance(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    internal static async Task<OperatorInstance> StartAsync(
        KubernetesClientConfiguration config, string? @namespace, IStepGate? gate = null, Action<OperatorSettings>? configure = null, Action<IServiceCollection>? services = null,
        CancellationToken cancellationToken = default)
    {
        var host = await RunCommand.CreateHostAsync(
            settings =>
            {
                settings.ClientConfiguration = () => config;
                if (@namespace is not null)
                    settings.WatchNamespaces.Add(@namespace);
                settings.LeaderElectionType = LeaderElectionType.None;
                settings.HttpPort = -1;
                configure?.Invoke(settings);
            },
            all =>
            {
                if (gate is not null)
                    all.AddSingleton(gate);
                all.AddLogging(l => l.ClearProviders().AddProvider(new TestLog(@namespace)));
                services?.Invoke(all);
            },
            cancellationToken);
        await host.StartAsync(cancellationToken);
        return new OperatorInstance(host);
    }

    /// <summary>Ends it as SIGTERM would.</summary>
    public async Task StopAsync()
    {
        if (_stopped)
            return;
        _stopped = true;
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
