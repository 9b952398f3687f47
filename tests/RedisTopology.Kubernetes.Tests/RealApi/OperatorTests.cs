using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RedisTopology.Kubernetes.Tests.Support;

namespace RedisTopology.Kubernetes.Tests.RealApi;

/// <summary>The runtime as a whole against a real API server.</summary>
public sealed class OperatorTests(RealApiFixture fixture)
{
    private const string Finalizer = "test.example.com/widget";

    private readonly WidgetJournal _journal = new();

    [Fact]
    public async Task An_entity_is_reconciled_finalized_and_reported_deleted()
    {
        using var host = await StartAsync(b => b.AddFinalizer<WidgetFinalizer, Widget>(Finalizer));
        var client = host.Services.GetRequiredService<IKubernetesClient>();
        var widget = await client.CreateAsync(NewWidget("a"), Ct);
        await Until(() => _journal.Entries.Contains("reconcile a 1"));
        Assert.Contains(Finalizer, (await client.GetAsync<Widget>("a", Namespace, Ct))!.Metadata.Finalizers);

        await client.DeleteAsync(widget, cancellationToken: Ct);
        await Until(() => _journal.Entries.Contains("deleted a"));

        Assert.Equal(["finalize a", "finalize a", "deleted a"], _journal.Entries.Where(e => !e.StartsWith("reconcile", StringComparison.Ordinal)));
        Assert.Null(await client.GetAsync<Widget>("a", Namespace, Ct));
        await host.StopAsync(Ct);
    }

    [Fact]
    public async Task Owned_objects_and_outside_callers_wake_the_controller_but_its_own_status_does_not()
    {
        using var host = await StartAsync(b => b.Owns<Widget, RawObject<V1ConfigMap>>(o => o.LabelSelector = "mine=yes"));
        var (client, applier) = (host.Services.GetRequiredService<IKubernetesClient>(), host.Services.GetRequiredService<IApplier>());
        var widget = await client.CreateAsync(NewWidget("a"), Ct);
        await Until(() => Reconciles == 1);

        var status = new Widget { Metadata = new() { Name = "a", NamespaceProperty = Namespace }, Status = new() { Phase = "Ready", Replicas = 0 } };
        var applied = await applier.ApplyAsync(status, ApplyOptions.Status, Ct);
        Assert.Equal(("Ready", 1), (applied.Status.Phase, applied.Spec.Replicas));
        await Settle();
        Assert.Equal(1, Reconciles);

        var child = new V1ConfigMap
        {
            Metadata = new() { Name = "child", NamespaceProperty = Namespace, Labels = new Dictionary<string, string> { ["mine"] = "yes" }, OwnerReferences = [widget.MakeOwnerReference()] },
            Data = new Dictionary<string, string> { ["k"] = "v" },
        };
        await applier.ApplyAsync(child, null, Ct);
        await Until(() => Reconciles == 2);
        var cache = host.Services.GetRequiredService<IResourceCache<RawObject<V1ConfigMap>>>();
        var cached = Assert.Single(cache.OwnedBy(widget.Metadata.Uid));
        Assert.Equal("v", cached.ToTyped().Data["k"]);
        Assert.DoesNotContain("managedFields", System.Text.Encoding.UTF8.GetString(cached.Json.Span), StringComparison.Ordinal);
        Assert.False(ManifestDiff.NeedsApply(ApplyDocument.From(child), cached.ToJsonObject()));

        await client.DeleteAsync(child, cancellationToken: Ct);
        await Until(() => Reconciles == 3);
        await host.Services.GetRequiredService<EntityQueue<Widget>>().RequeueAsync(widget, cancellationToken: Ct);
        await Until(() => Reconciles == 4);
        Assert.True(host.Services.GetRequiredService<IEntityKeyQueue<Widget>>().Enqueue(ObjectKey.Of(widget), TimeSpan.FromMilliseconds(50)));
        await Until(() => Reconciles == 5);
        await host.StopAsync(Ct);
    }

    [Fact]
    public async Task Failures_are_retried_and_stopping_lets_a_running_reconciliation_finish()
    {
        var (entered, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var attempts = 0;
        var finished = false;
        _journal.OnReconcile = async (_, cancellationToken) =>
        {
            if (Interlocked.Increment(ref attempts) < 3)
                throw new InvalidOperationException("made up");
            entered.SetResult();
            await release.Task.WaitAsync(cancellationToken);
            finished = true;
        };
        using var host = await StartAsync();
        await host.Services.GetRequiredService<IKubernetesClient>().CreateAsync(NewWidget("a"), Ct);
        await entered.Task.WaitAsync(TimeSpan.FromSeconds(10), Ct);

        var stopping = host.StopAsync(Ct);
        await Settle();
        Assert.False(stopping.IsCompleted);
        release.SetResult();
        await stopping;

        Assert.True(finished);
    }

    [Fact]
    public async Task Events_are_published_and_repeats_are_counted()
    {
        using var host = await StartAsync();
        var client = host.Services.GetRequiredService<IKubernetesClient>();
        var widget = await client.CreateAsync(NewWidget("a"), Ct);
        var publish = host.Services.GetRequiredService<EventPublisher>();
        for (var i = 0; i < 3; i++)
            await publish(widget, "Formed", "all is well", cancellationToken: Ct);
        await publish(widget, "Broken", new string('x', 5000), EventType.Warning, Ct);
        await host.StopAsync(Ct);

        var plane = await fixture.PlaneAsync();
        var events = (await plane.Client.CoreV1.ListNamespacedEventAsync(Namespace, cancellationToken: Ct)).Items.OrderBy(e => e.Reason, StringComparer.Ordinal).ToList();
        Assert.Equal([("Broken", "Warning", 1), ("Formed", "Normal", 3)], events.Select(e => (e.Reason, e.Type, e.Count ?? 0)));
        Assert.All(events, e => Assert.Equal(widget.Metadata.Uid, e.InvolvedObject.Uid));

        // The next process goes on counting.
        using var second = await StartAsync();
        await second.Services.GetRequiredService<EventPublisher>()(widget, "Formed", "all is well", cancellationToken: Ct);
        await second.StopAsync(Ct);
        Assert.Contains((await plane.Client.CoreV1.ListNamespacedEventAsync(Namespace, cancellationToken: Ct)).Items, e => e is { Reason: "Formed", Count: 4 });
    }

    [Fact]
    public async Task Applying_takes_over_or_conflicts_as_told_and_deletion_spares_a_namesake()
    {
        using var host = await StartAsync();
        var (client, applier) = (host.Services.GetRequiredService<IKubernetesClient>(), host.Services.GetRequiredService<IApplier>());
        JsonObject Map(string value) => JsonNode.Parse($$$"""{"metadata":{"name":"m","namespace":"{{{Namespace}}}"},"data":{"k":"{{{value}}}"}}""")!.AsObject();
        var first = await applier.ApplyAsync<V1ConfigMap>(Map("1"), new() { FieldManager = "other" }, Ct);

        await Assert.ThrowsAsync<ApiConflictException>(() => applier.ApplyAsync<V1ConfigMap>(Map("2"), new() { Force = false }, Ct));
        Assert.Equal("1", (string?)(await applier.ApplyAsync<V1ConfigMap>(Map("1"), new() { DryRun = true }, Ct)).ToJsonObject()["data"]!["k"]);
        Assert.Equal("2", (await applier.ApplyAsync<V1ConfigMap>(Map("2"), null, Ct)).ToTyped().Data["k"]);

        await applier.PatchLabelsAsync(first, new Dictionary<string, string?> { ["role"] = "master" }, Ct);
        var live = (await client.GetAsync<V1ConfigMap>("m", Namespace, Ct))!;
        Assert.Equal("master", live.Metadata.Labels["role"]);
        await applier.PatchLabelsAsync(live, new Dictionary<string, string?> { ["role"] = null }, Ct);

        live.Metadata.Uid = Guid.NewGuid().ToString();
        await Assert.ThrowsAsync<ApiConflictException>(() => client.DeleteAsync(live, cancellationToken: Ct));
        await Assert.ThrowsAsync<ApiConflictException>(() => applier.PatchLabelsAsync(live, new Dictionary<string, string?> { ["a"] = "b" }, Ct));
        Assert.True(await client.DeleteAsync(first, cancellationToken: Ct));
        Assert.False(await client.DeleteAsync(first, cancellationToken: Ct));
        await host.StopAsync(Ct);
    }

    [Fact]
    public async Task Capabilities_are_what_the_server_says()
    {
        using var host = await StartAsync();
        var capabilities = host.Services.GetRequiredService<IApiCapabilities>();

        Assert.True(await capabilities.ServesAsync("", "v1", "pods", Ct));
        Assert.True(await capabilities.ServesAsync("", "v1", "pods/eviction", Ct));
        Assert.True(await capabilities.ServesAsync("test.example.com", "v1alpha1", "widgets/scale", Ct));
        Assert.False(await capabilities.ServesAsync("", "v1", "pods/nonsense", Ct));
        Assert.False(await capabilities.ServesAsync("nowhere.example", "v1", "things", Ct));
        await host.StopAsync(Ct);
    }

    [Fact]
    public async Task Health_and_metrics_are_served()
    {
        using var host = await StartAsync();
        using var http = new HttpClient { BaseAddress = host.Services.GetRequiredService<IOperatorEndpoints>().Address };
        await host.Services.GetRequiredService<IKubernetesClient>().CreateAsync(NewWidget("a"), Ct);
        await Until(() => Reconciles == 1);

        Assert.Equal("ok\n", await http.GetStringAsync(new Uri("/livez", UriKind.Relative), Ct));
        Assert.Equal("ok\n", await http.GetStringAsync(new Uri("/readyz", UriKind.Relative), Ct));
        await Settle();
        var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Ct);
        Assert.Contains("kubernetes_operator_leader 1", metrics, StringComparison.Ordinal);
        Assert.Contains("kubernetes_operator_reconcile_total{controller=\"Widget\",outcome=\"success\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("kubernetes_operator_api_requests_total{verb=\"create\",resource=\"widgets\",code=\"201\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("kubernetes_operator_cache_objects{resource=\"widgets\"} 1", metrics, StringComparison.Ordinal);
        await host.StopAsync(Ct);
    }

    private string Namespace { get; set; } = string.Empty;

    private int Reconciles => _journal.Entries.Count(e => e.StartsWith("reconcile", StringComparison.Ordinal));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private async Task<IHost> StartAsync(Action<IOperatorBuilder>? build = null)
    {
        if (Namespace.Length == 0)
            Namespace = await fixture.NamespaceAsync();
        var host = await fixture.HostAsync(Namespace, b =>
        {
            b.Services.AddSingleton(_journal);
            b.AddController<WidgetController, Widget>();
            build?.Invoke(b);
        });
        await host.StartAsync(Ct);
        return host;
    }

    private Widget NewWidget(string name) => new() { Metadata = new() { Name = name, NamespaceProperty = Namespace }, Spec = new() { Title = "a" } };

    private static Task Settle() => Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Ct);

    private static async Task Until(Func<bool> condition)
    {
        for (var i = 0; i < 500 && !condition(); i++)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ct);
        Assert.True(condition());
    }
}
