using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using RedisTopology.Testing;

namespace RedisTopology.Kubernetes.Tests.RealApi;

/// <summary>A watch of a real API server over a connection that lives, on which nothing comes any more.</summary>
public sealed class StalledWatchTests(RealApiFixture fixture)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_stalled_watch_kept_back_is_seen_once_it_was_silent_for_long_and_nothing_is_listed_anew()
    {
        var (plane, @namespace) = (await fixture.PlaneAsync(), await fixture.NamespaceAsync());
        await using var proxy = await FaultProxy.StartAsync(plane.ClientConfiguration, Ct);
        using var host = await fixture.HostAsync(
            @namespace, b => b.AddCache<V1Secret>(o => (o.FieldSelector, o.WatchSilence) = ("type=Opaque", TimeSpan.FromSeconds(2))), o => o.ClientConfiguration = () => proxy.ClientConfiguration);
        await host.StartAsync(Ct);
        var cache = host.Services.GetRequiredService<IResourceCache<V1Secret>>();
        await cache.WaitForSyncAsync(Ct);
        await Eventually.ThatAsync(() => Task.FromResult(proxy.InterruptWatches(Fault.WatchStalled(), w => w.Resource == "secrets")), stalled => stalled == 1, TimeSpan.FromSeconds(20), ct: Ct);

        await plane.ApplyAsync("{apiVersion: v1, kind: Secret, metadata: {name: late}, type: Opaque}", @namespace, Ct);
        await Eventually.TrueAsync(() => Task.FromResult(cache.Get(@namespace, "late") is not null), TimeSpan.FromSeconds(30), ct: Ct);

        Assert.Equal(1, proxy.RequestCounts["LIST", "secrets"]);
        await host.StopAsync(Ct);
    }
}
