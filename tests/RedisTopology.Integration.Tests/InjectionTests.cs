using System.Net;
using System.Text;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Operator.Webhooks;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests;

/// <summary>A real API server calls the webhook of a real operator.</summary>
public sealed class InjectionTests(IntegrationFixture fixture) : IntegrationTest(fixture)
{
    private const string Image = "example/sidecar:1";
    private readonly PortLease _port = PortLease.Take();

    private string Configuration => Cluster.Namespace + "-inject";

    public override async ValueTask DisposeAsync()
    {
        await Cluster.Client.AdmissionregistrationV1.DeleteMutatingWebhookConfigurationAsync(Configuration);
        await base.DisposeAsync();
        _port.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Pods_get_the_sidecar_and_are_admitted_whatever_happens_to_the_webhook()
    {
        await InstallAsync();
        var injected = await StartInjectingAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 1}");

        // Labelled, and the cluster exists: the sidecar, once, although another webhook may have it called again.
        await Eventually.ThatAsync(() => SidecarsAsync("cc"), count => count == 1, TimeSpan.FromSeconds(60), ct: Cancel);

        // Labelled, and no such cluster: admitted without, and told why.
        var without = await CreateAsync("nobody");
        Assert.Equal(0, Sidecars(without));
        Assert.Contains("there is no CacheCluster nobody", without.Metadata.Annotations["cache.redistopology.io/inject-status"], StringComparison.Ordinal);

        // Not labelled: never seen by the webhook.
        Assert.False((await CreateAsync(null)).Metadata.Annotations?.ContainsKey("cache.redistopology.io/inject-status") == true);

        // Another certificate, of the same authority and then of another: pods still get the sidecar, and at the first attempt.
        var first = injected.Served!.SerialNumber;
        var secret = await Cluster.Client.CoreV1.ReadNamespacedSecretAsync("webhook", Cluster.Namespace, cancellationToken: Cancel);
        secret.Data["tls.crt"] = Encoding.ASCII.GetBytes("unreadable");
        await Cluster.Client.CoreV1.ReplaceNamespacedSecretAsync(secret, "webhook", Cluster.Namespace, cancellationToken: Cancel);
        await Eventually.ThatAsync(() => Task.FromResult(injected.Served!.SerialNumber), serial => serial != first, TimeSpan.FromSeconds(30), ct: Cancel);
        await Eventually.ThatAsync(() => SidecarsAsync("cc"), count => count == 1, TimeSpan.FromSeconds(30), ct: Cancel);
        await Cluster.Client.CoreV1.DeleteNamespacedSecretAsync("webhook", Cluster.Namespace, cancellationToken: Cancel);
        var second = injected.Served!.SerialNumber;
        await Eventually.ThatAsync(() => Task.FromResult(injected.Served!.SerialNumber), serial => serial != second, TimeSpan.FromSeconds(30), ct: Cancel);
        await Eventually.ThatAsync(() => SidecarsAsync("cc"), count => count == 1, TimeSpan.FromSeconds(30), ct: Cancel);

        // Down: pods are admitted as they are.
        await StopOperatorAsync();
        Assert.Equal(0, Sidecars(await CreateAsync("cc")));
    }

    private async Task<CertificateKeeper> StartInjectingAsync()
    {
        var operatorInstance = await OperatorInstance.StartAsync(Fixture.Plane.ClientConfiguration, Cluster.Namespace, services: s => s.AddInjection(new InjectionSettings
        {
            Image = Image,
            Namespace = Cluster.Namespace,
            Secret = "webhook",
            Configuration = Configuration,
            Hosts = ["127.0.0.1"],
            Address = IPAddress.Loopback,
            Port = _port.Port,
            Period = TimeSpan.FromSeconds(0.5),
        }), cancellationToken: Cancel);
        Adopt(operatorInstance);
        var keeper = operatorInstance.Services.GetRequiredService<CertificateKeeper>();
        await Eventually.ThatAsync(() => Task.FromResult(keeper.Served), c => c is not null, TimeSpan.FromSeconds(30), ct: Cancel);
        return keeper;
    }

    private Task<V1MutatingWebhookConfiguration> InstallAsync() => Cluster.Client.AdmissionregistrationV1.CreateMutatingWebhookConfigurationAsync(
        new V1MutatingWebhookConfiguration
        {
            Metadata = new V1ObjectMeta { Name = Configuration },
            Webhooks =
            [
                new V1MutatingWebhook
                {
                    Name = "inject.cache.redistopology.io",
                    AdmissionReviewVersions = ["v1"],
                    SideEffects = "None",
                    FailurePolicy = "Ignore",
                    ReinvocationPolicy = "IfNeeded",
                    TimeoutSeconds = 5,
                    ClientConfig = new Admissionregistrationv1WebhookClientConfig { Url = $"https://127.0.0.1:{_port.Port}/inject" },
                    ObjectSelector = new V1LabelSelector { MatchExpressions = [new V1LabelSelectorRequirement { Key = InjectionNames.Inject, OperatorProperty = "Exists" }] },
                    Rules = [new V1RuleWithOperations { ApiGroups = [""], ApiVersions = ["v1"], Operations = ["CREATE"], Resources = ["pods"], Scope = "Namespaced" }],
                },
            ],
        },
        cancellationToken: Cancel);

    private async Task<int> SidecarsAsync(string cluster) => Sidecars(await CreateAsync(cluster));

    private static int Sidecars(V1Pod pod) => pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []).Count(c => c.Name == "cache-sidecar" && c.Image == Image);

    /// <summary>Admitted as any other, and not stored.</summary>
    private Task<V1Pod> CreateAsync(string? cluster) => Cluster.Client.CoreV1.CreateNamespacedPodAsync(
        new V1Pod
        {
            Metadata = new V1ObjectMeta { GenerateName = "app-", Labels = cluster is null ? null : new Dictionary<string, string> { [InjectionNames.Inject] = cluster } },
            Spec = new V1PodSpec { Containers = [new V1Container { Name = "app", Image = "busybox:1" }] },
        },
        Cluster.Namespace,
        dryRun: "All",
        cancellationToken: Cancel);
}
