using System.CommandLine;
using System.Net;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RedisTopology.Operator.Certificates;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Controllers;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Observation;
using RedisTopology.Operator.Redis;
using RedisTopology.Operator.Status;
using RedisTopology.Operator.Steps;
using RedisTopology.Operator.Volumes;
using RedisTopology.Operator.Webhooks;

namespace RedisTopology.Operator;

/// <summary><c>run</c>: the operator itself.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var kubeconfig = new Option<FileInfo?>("--kubeconfig") { Description = "Kubeconfig to use; the pod's service account, KUBECONFIG or ~/.kube/config when absent." };
        var namespaces = new Option<string[]>("--watch-namespaces") { Description = "Namespaces to watch, separated by commas; all when absent.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
        var election = new Option<bool>("--leader-election") { Description = "Elect a leader among several instances.", DefaultValueFactory = _ => true };
        var concurrency = new Option<int>("--concurrency") { Description = "Clusters reconciled at once.", DefaultValueFactory = _ => 8 };
        var address = new Option<IPAddress>("--http-address")
        {
            Description = "Where /livez, /readyz and /metrics listen.",
            DefaultValueFactory = _ => IPAddress.Any,
            CustomParser = result => IPAddress.TryParse(result.Tokens[0].Value, out var ip) ? ip : Refuse(result),
        };
        var port = new Option<int>("--http-port") { Description = "Port of /livez, /readyz and /metrics; 0 for a free one.", DefaultValueFactory = _ => 8080 };
        var injection = new InjectionOptions();
        var command = new Command("run", "Run the operator.") { kubeconfig, namespaces, election, concurrency, address, port };
        foreach (var option in injection.All)
            command.Options.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var host = await CreateHostAsync(
                settings =>
                {
                    if (parsed.GetValue(kubeconfig) is { } file)
                        settings.ClientConfiguration = () => KubernetesClientConfiguration.BuildConfigFromConfigFile(file.FullName);
                    foreach (var name in parsed.GetValue(namespaces)!.SelectMany(n => n.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
                        settings.WatchNamespaces.Add(name);
                    settings.LeaderElectionType = parsed.GetValue(election) ? LeaderElectionType.Single : LeaderElectionType.None;
                    settings.MaxParallelReconciliations = parsed.GetValue(concurrency);
                    settings.HttpAddress = parsed.GetValue(address)!;
                    settings.HttpPort = parsed.GetValue(port);
                },
                services =>
                {
                    if (injection.Read(parsed) is { } sidecars)
                        services.AddInjection(sidecars);
                },
                cancellationToken);
            await host.RunAsync(cancellationToken);
        });
        return command;

        static IPAddress? Refuse(System.CommandLine.Parsing.ArgumentResult result)
        {
            result.AddError($"\"{result.Tokens[0].Value}\" is not an IP address");
            return null;
        }
    }

    /// <summary>Puts the operator together.</summary>
    /// <param name="configure">Changes the settings.</param>
    /// <param name="configureServices">Changes the services, for tests.</param>
    /// <param name="cancellationToken">Cancels the wait for the API server.</param>
    /// <returns>The host, not started.</returns>
    internal static async Task<IHost> CreateHostAsync(
        Action<OperatorSettings> configure, Action<IServiceCollection>? configureServices = null, CancellationToken cancellationToken = default)
    {
        var host = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        host.Logging.AddSimpleConsole(o =>
        {
            o.SingleLine = true;
            o.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            o.UseUtcTimestamp = true;
        });
        host.Logging.AddFilter("Microsoft", LogLevel.Warning);

        var builder = host.Services.AddKubernetesOperator(settings =>
        {
            settings.Name = Labels.Manager;
            settings.MetricsPrefix = ClusterMetrics.Prefix;
            configure(settings);
        });
        builder.AddController<CacheClusterController, CacheCluster>()
            .AddCache<NodeView>()
            .Watches<CacheCluster, PodView>(ClusterOf, o => o.LabelSelector = Labels.ManagedSelector)
            .Watches<CacheCluster, ClaimView>(ClusterOf, o => o.LabelSelector = Labels.ManagedSelector);
        Own<V1ConfigMap>(builder);
        Own<V1Service>(builder);
        Own<V1StatefulSet>(builder);
        if (await Capabilities.ServesPolicyV1Async(builder.Settings, cancellationToken))
            Own<V1PodDisruptionBudget>(builder);
        else
            Own<DisruptionBudgetV1Beta1>(builder);

        host.Services
            .AddSingleton<OwnedObjectsByKind>()
            .AddSingleton<ClusterMetrics>()
            .AddSingleton<ClusterStates>()
            .AddSingleton<SpecAcceptance>()
            .AddSingleton<ClusterSecrets>()
            .AddSingleton<CertificateSettings>()
            .AddSingleton<CertManager>()
            .AddSingleton<ClusterCertificates>()
            .AddSingleton<PodFinder>()
            .AddSingleton<Claims>()
            .AddSingleton<LeavingShards>()
            .AddSingleton<StartTrouble>()
            .AddSingleton<ClusterObserver>()
            .AddSingleton<RedisConnections>()
            .AddSingleton<KubernetesSteps>()
            .AddSingleton<PodSteps>()
            .AddSingleton<ShardRemoval>()
            .AddSingleton<RedisSteps>()
            .AddSingleton<SlotSteps>()
            .AddSingleton<PasswordSteps>()
            .AddSingleton<CertificateSteps>()
            .AddSingleton<StepRunner>()
            .AddSingleton<StatusReporter>()
            .AddHostedService<TopologyMonitor>();
        configureServices?.Invoke(host.Services);
        return host.Build();
    }

    private static void Own<TKind>(IOperatorBuilder builder)
        where TKind : class, IKubernetesObject<V1ObjectMeta>
    {
        builder.Owns<CacheCluster, RawObject<TKind>>(o => o.LabelSelector = Labels.ManagedSelector);
        builder.Services.AddSingleton<IOwnedObjects, OwnedObjects<TKind>>();
    }

    private static IEnumerable<ObjectKey> ClusterOf<T>(ResourceChange<T> change, IResourceCache<CacheCluster> clusters)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        change.Current.Metadata.Labels?.TryGetValue(Labels.Cluster, out var cluster) == true
            ? [new ObjectKey(change.Current.Metadata.NamespaceProperty, cluster)]
            : [];
}
