using System.Text.Json;
using k8s;
using k8s.Models;

namespace RedisTopology.Testing.Tests.Faults;

public sealed class FaultProxyWatchTests(ControlPlaneFixture fixture) : IAsyncLifetime
{
    private readonly string _namespace = $"watch-{Guid.NewGuid():N}";

    private CancellationToken Ct { get; } = TestDeadline.Create();

    private string Secrets => $"/api/v1/namespaces/{_namespace}/secrets?labelSelector=test";

    public async ValueTask InitializeAsync() =>
        await fixture.Plane.Client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = _namespace } }, cancellationToken: Ct);

    public async ValueTask DisposeAsync() =>
        await fixture.Plane.Client.CoreV1.DeleteNamespaceAsync(_namespace, cancellationToken: CancellationToken.None);

    [Fact]
    public async Task Events_pass_at_once()
    {
        await using var test = await ProxyUnderTest.StartAsync(fixture.Plane);
        using var watch = await test.WatchAsync(Secrets);
        Assert.Equal(1, test.Proxy.RequestCounts["WATCH", "secrets"]);

        foreach (var name in (string[])["a", "b", "c"])
        {
            await CreateAsync(name);
            // Buffered, the line would come with the next event or never.
            Assert.Equal($"ADDED {name}", await NextAsync(watch));
        }
    }

    [Fact]
    public async Task The_client_library_watches_through_it()
    {
        await using var test = await ProxyUnderTest.StartAsync(fixture.Plane);
        using var client = new Kubernetes(test.Proxy.ClientConfiguration);
        await CreateAsync("a");

        await foreach (var (type, secret) in client.CoreV1.WatchListNamespacedSecretAsync(_namespace, labelSelector: "test", cancellationToken: Ct))
        {
            Assert.Equal((WatchEventType.Added, "a"), (type, secret.Name()));
            break;
        }
    }

    [Fact]
    public async Task Expired_is_an_error_event_with_410_inside_the_stream()
    {
        await using var test = await ProxyUnderTest.StartAsync(fixture.Plane);
        test.Proxy.Inject(Fault.WatchExpired(afterEvents: 1));
        await CreateAsync("a");
        using var watch = await test.WatchAsync(Secrets);

        Assert.Equal("ADDED a", await NextAsync(watch));
        using var error = JsonDocument.Parse((await watch.ReadLineAsync(Ct))!);
        Assert.Equal("ERROR", error.RootElement.GetProperty("type").GetString());
        Assert.Equal(410, error.RootElement.GetProperty("object").GetProperty("code").GetInt32());
        Assert.Null(await watch.ReadLineAsync(Ct));
    }

    [Fact]
    public async Task Dropped_is_a_cut_connection()
    {
        await using var test = await ProxyUnderTest.StartAsync(fixture.Plane);
        test.Proxy.Inject(Fault.WatchDropped(afterEvents: 1));
        await CreateAsync("a");
        using var watch = await test.WatchAsync(Secrets);

        Assert.Equal("ADDED a", await NextAsync(watch));
        await Assert.ThrowsAnyAsync<IOException>(async () => await watch.ReadLineAsync(Ct));
    }

    [Fact]
    public async Task Closed_with_no_events_is_a_proper_end()
    {
        await using var test = await ProxyUnderTest.StartAsync(fixture.Plane);
        using var rule = test.Proxy.Inject(Fault.WatchClosed());
        await CreateAsync("a");
        using var watch = await test.WatchAsync(Secrets);

        Assert.Equal("", await watch.ReadToEndAsync(Ct));
        Assert.Equal(1, rule.Hits);
    }

    [Fact]
    public async Task Stalled_stays_open_and_says_nothing_more()
    {
        await using var test = await ProxyUnderTest.StartAsync(fixture.Plane);
        test.Proxy.Inject(Fault.WatchStalled(afterEvents: 1));
        await CreateAsync("a");
        using var watch = await test.WatchAsync(Secrets);
        Assert.Equal("ADDED a", await NextAsync(watch));
        await CreateAsync("b");

        var next = watch.ReadLineAsync(Ct).AsTask();
        Assert.NotSame(next, await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(700), TimeProvider.System, Ct)));
        Assert.Single(test.Proxy.OpenWatches);
    }

    [Fact]
    public async Task A_malformed_line_comes_between_events()
    {
        await using var test = await ProxyUnderTest.StartAsync(fixture.Plane);
        test.Proxy.Inject(Fault.WatchMalformed(afterEvents: 1));
        await CreateAsync("a");
        using var watch = await test.WatchAsync(Secrets);

        Assert.Equal("ADDED a", await NextAsync(watch));
        var bad = await watch.ReadLineAsync(Ct);
        Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(bad!).Dispose());
        await CreateAsync("b");
        Assert.Equal("ADDED b", await NextAsync(watch));
    }

    [Fact]
    public async Task An_open_watch_can_be_struck()
    {
        await using var test = await ProxyUnderTest.StartAsync(fixture.Plane);
        using var struck = await test.WatchAsync(Secrets);
        using var spared = await test.WatchAsync("/api/v1/nodes");

        Assert.Equal(1, test.Proxy.InterruptWatches(Fault.WatchClosed(), r => r.Resource == "secrets"));

        Assert.Null(await struck.ReadLineAsync(Ct));
        Assert.Equal("nodes", Assert.Single(test.Proxy.OpenWatches).Resource);
    }

    [Fact]
    public async Task A_watch_can_be_struck_at_the_very_moment_it_opens()
    {
        await using var test = await ProxyUnderTest.StartAsync(fixture.Plane);
        for (var i = 0; i < 20; i++)
        {
            var opening = test.WatchAsync(Secrets);
            // Busy: the window between registration and the first read is a few microseconds.
            while (test.Proxy.InterruptWatches(Fault.WatchClosed()) == 0)
                await Task.Yield();
            using var watch = await opening;
            Assert.Null(await watch.ReadLineAsync(Ct));
        }
    }

    private async Task<string> NextAsync(StreamReader watch)
    {
        using var line = JsonDocument.Parse(await watch.ReadLineAsync(Ct) ?? throw new EndOfStreamException("The watch ended."));
        return $"{line.RootElement.GetProperty("type")} {line.RootElement.GetProperty("object").GetProperty("metadata").GetProperty("name")}";
    }

    private Task<V1Secret> CreateAsync(string name) => fixture.Plane.Client.CoreV1.CreateNamespacedSecretAsync(
        new V1Secret { Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { ["test"] = "yes" } } }, _namespace, cancellationToken: Ct);
}
