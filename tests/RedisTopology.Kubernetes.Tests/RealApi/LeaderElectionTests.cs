using System.Diagnostics;
using k8s;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace RedisTopology.Kubernetes.Tests.RealApi;

public sealed class LeaderElectionTests(RealApiFixture fixture)
{
    [Fact]
    public async Task One_leads_and_on_its_orderly_end_the_other_takes_over_at_once()
    {
        var ns = await fixture.NamespaceAsync();
        using var first = await InstanceAsync(ns, "first");
        using var second = await InstanceAsync(ns, "second");
        await first.StartAsync(Ct);
        var leading = await Leadership(first).WaitAsync(Ct).WaitAsync(TimeSpan.FromSeconds(10), Ct);
        await second.StartAsync(Ct);
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, Ct);
        Assert.False(Leadership(second).IsLeader);

        var clock = Stopwatch.StartNew();
        await first.StopAsync(Ct);
        Assert.True(leading.IsCancellationRequested);
        await Leadership(second).WaitAsync(Ct).WaitAsync(TimeSpan.FromSeconds(10), Ct);

        // The lease lasts 15 s: without the release it would take that long.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"took {clock.Elapsed}");
        Assert.False(Leadership(first).IsLeader);
        await second.StopAsync(Ct);
    }

    [Fact]
    public async Task Losing_the_lease_to_another_ends_the_leadership_and_it_is_not_stolen_back()
    {
        var ns = await fixture.NamespaceAsync();
        using var host = await InstanceAsync(ns, "robbed", o => o.LeaderElectionRenewDeadline = TimeSpan.FromSeconds(1));
        await host.StartAsync(Ct);
        var leading = await Leadership(host).WaitAsync(Ct).WaitAsync(TimeSpan.FromSeconds(10), Ct);
        var client = (await fixture.PlaneAsync()).Client;

        // Not by force every time: the holder renews meanwhile, and a conflict is tried again.
        for (var done = false; !done;)
        {
            try
            {
                var lease = await client.CoordinationV1.ReadNamespacedLeaseAsync("test-operator", ns, cancellationToken: Ct);
                lease.Spec.HolderIdentity = "thief";
                lease.Spec.RenewTime = DateTime.SpecifyKind(TimeProvider.System.GetUtcNow().UtcDateTime, DateTimeKind.Utc);
                await client.CoordinationV1.ReplaceNamespacedLeaseAsync(lease, "test-operator", ns, cancellationToken: Ct);
                done = true;
            }
            catch (k8s.Autorest.HttpOperationException e) when (e.Response.StatusCode == System.Net.HttpStatusCode.Conflict)
            {
            }
        }

        for (var i = 0; i < 500 && !leading.IsCancellationRequested; i++)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ct);
        Assert.True(leading.IsCancellationRequested);
        Assert.False(Leadership(host).IsLeader);
        await host.StopAsync(Ct);
        Assert.Equal("thief", (await client.CoordinationV1.ReadNamespacedLeaseAsync("test-operator", ns, cancellationToken: Ct)).Spec.HolderIdentity);
    }

    [Fact]
    public async Task A_renew_deadline_beyond_the_lease_is_refused()
    {
        var ns = await fixture.NamespaceAsync();
        using var host = await InstanceAsync(ns, "wrong", o => o.LeaderElectionRenewDeadline = TimeSpan.FromSeconds(15));

        await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(Ct));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static ILeadership Leadership(IHost host) => host.Services.GetRequiredService<ILeadership>();

    private Task<IHost> InstanceAsync(string ns, string identity, Action<OperatorSettings>? configure = null) => fixture.HostAsync(ns, _ => { }, o =>
    {
        o.LeaderElectionType = LeaderElectionType.Single;
        o.LeaderElectionIdentity = identity;
        o.LeaderElectionRetryPeriod = TimeSpan.FromMilliseconds(300);
        configure?.Invoke(o);
    });
}
