using System.Net.Sockets;
using System.Text;

namespace RedisTopology.Testing.Tests.Kubelet;

[Collection(KubeletGroup.Name)]
public sealed class NetworkTests(KubeletFixture fixture)
{
    [Fact]
    public async Task A_partition_swallows_an_established_connection_and_healing_lets_it_go_on()
    {
        var (kubelet, ns) = (fixture.Kubelet, await fixture.NamespaceAsync("cut"));
        await fixture.ApplyAsync(Manifests.Config, ns);
        await fixture.ApplyAsync(Manifests.StatefulSet("cc", 2), ns);
        var pods = await fixture.ReadyAsync(ns, "cc", 2);
        using var client = new TcpClient();
        await client.ConnectAsync(pods[0].Status.PodIP, 6379, KubeletFixture.Cancel);
        Assert.Equal("+PONG\r\n", await PingAsync(client, TimeSpan.FromSeconds(3)));

        await kubelet.PartitionAsync($"{ns}/cc-0", KubeletFixture.Cancel);
        Assert.Null(await PingAsync(client, TimeSpan.FromSeconds(1)));
        Assert.NotEqual("PONG", await fixture.ShellAsync($"{ns}/cc-1", $"timeout 1 redis-cli -h {pods[0].Status.PodIP} ping"));
        // Not a reset: the packet sent meanwhile arrives late.
        await kubelet.HealAsync($"{ns}/cc-0", KubeletFixture.Cancel);
        Assert.Equal("+PONG\r\n", await ReadAsync(client, TimeSpan.FromSeconds(5)));

        // Only between pods: the host still gets through.
        await kubelet.PartitionFromPodsAsync($"{ns}/cc-0", KubeletFixture.Cancel);
        Assert.Equal("+PONG\r\n", await PingAsync(client, TimeSpan.FromSeconds(3)));
        Assert.NotEqual("PONG", await fixture.ShellAsync($"{ns}/cc-1", $"timeout 1 redis-cli -h {pods[0].Status.PodIP} ping"));
        await kubelet.HealAllAsync(KubeletFixture.Cancel);
        Assert.Equal("PONG", await fixture.ShellAsync($"{ns}/cc-1", $"timeout 3 redis-cli -h {pods[0].Status.PodIP} ping"));

        // Only from the host.
        await kubelet.PartitionFromHostAsync($"{ns}/cc-0", KubeletFixture.Cancel);
        Assert.Null(await PingAsync(client, TimeSpan.FromSeconds(1)));
        Assert.Equal("PONG", await fixture.ShellAsync($"{ns}/cc-1", $"timeout 3 redis-cli -h {pods[0].Status.PodIP} ping"));
        await kubelet.HealAllAsync(KubeletFixture.Cancel);
        Assert.Equal("+PONG\r\n", await ReadAsync(client, TimeSpan.FromSeconds(5)));

        // One port only.
        await kubelet.PartitionPortAsync($"{ns}/cc-0", 6379, KubeletFixture.Cancel);
        Assert.NotEqual("PONG", await fixture.ShellAsync($"{ns}/cc-1", $"timeout 1 redis-cli -h {pods[0].Status.PodIP} ping"));
        await kubelet.HealAllAsync(KubeletFixture.Cancel);
    }

    [Fact]
    public async Task A_frozen_pod_keeps_its_connections_and_does_not_answer_until_it_resumes()
    {
        var (kubelet, ns) = (fixture.Kubelet, await fixture.NamespaceAsync("frozen"));
        await fixture.ApplyAsync(Manifests.Config, ns);
        await fixture.ApplyAsync(Manifests.StatefulSet("cc", 1), ns);
        var pod = (await fixture.ReadyAsync(ns, "cc", 1))[0];
        using var client = new TcpClient();
        await client.ConnectAsync(pod.Status.PodIP, 6379, KubeletFixture.Cancel);
        kubelet.Freeze($"{ns}/cc-0");
        Assert.Null(await PingAsync(client, TimeSpan.FromSeconds(1)));
        kubelet.Resume($"{ns}/cc-0");
        Assert.Equal("+PONG\r\n", await ReadAsync(client, TimeSpan.FromSeconds(3)));
    }

    private static async Task<string?> PingAsync(TcpClient client, TimeSpan timeout)
    {
        await client.GetStream().WriteAsync("PING\r\n"u8.ToArray(), KubeletFixture.Cancel);
        return await ReadAsync(client, timeout);
    }

    private static async Task<string?> ReadAsync(TcpClient client, TimeSpan timeout)
    {
        using var expiry = CancellationTokenSource.CreateLinkedTokenSource(KubeletFixture.Cancel);
        expiry.CancelAfter(timeout);
        var buffer = new byte[64];
        try
        {
            return Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer, expiry.Token));
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
