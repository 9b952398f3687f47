using k8s;

namespace RedisTopology.Testing.Tests;

/// <summary>With a control plane of its own: the shared one must not go away under the other tests.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task After_an_outage_the_api_is_where_it_was_with_what_it_had()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var plane = await ControlPlane.StartAsync(ct: ct);
        Prerequisites.OwnedControlPlane(plane);
        await plane.ApplyAsync("{apiVersion: v1, kind: ConfigMap, metadata: {name: kept}}", ct: ct);

        await plane.StopApiServerAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => plane.Client.CoreV1.ListNamespaceAsync(cancellationToken: ct));
        await plane.StartApiServerAsync(ct);

        await plane.Client.CoreV1.ReadNamespacedConfigMapAsync("kept", "default", cancellationToken: ct);
    }

    [Fact]
    public async Task A_failed_start_ends_with_the_log_of_what_failed()
    {
        var options = new ControlPlaneOptions { Kubeconfig = null, ApiServerArguments = { "--no-such-flag" } };

        var error = await Assert.ThrowsAsync<ProcessStartException>(() => ControlPlane.StartAsync(options, TestContext.Current.CancellationToken));

        Assert.Contains("kube-apiserver ended", error.Message, StringComparison.Ordinal);
        Assert.Contains("unknown flag: --no-such-flag", error.Message, StringComparison.Ordinal);
    }
}
