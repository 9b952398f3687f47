namespace RedisTopology.Testing.Tests.Kubelet;

[Collection(KubeletGroup.Name)]
public sealed class StatefulSetTests(KubeletFixture fixture)
{
    [Fact]
    public async Task Pods_of_a_parallel_StatefulSet_become_Ready_in_different_zones_with_the_files_and_identity_they_ask_for()
    {
        KubeletFixture.SkipWithoutRoot();
        var ns = await fixture.NamespaceAsync("ready");
        await fixture.ApplyAsync(Manifests.Config, ns);
        await fixture.ApplyAsync(Manifests.StatefulSet("cc", 3), ns);
        var pods = await fixture.ReadyAsync(ns, "cc", 3);
        Assert.Equal(3, pods.Select(p => p.Spec.NodeName).Distinct().Count());
        Assert.Equal(3, pods.Select(p => p.Status.PodIP).Distinct().Count());
        var seen = await fixture.ShellAsync($"{ns}/cc-0", "id -u; id -g; id -G; hostname; cat /config/greeting; echo; cat /etc/redis-auth/password; echo; echo $GREETING; stat -c '%U %a' /data; touch /x 2>&1; touch /data/y && stat -c %g /data/y; ps ax | grep -c redis-[s]erver");
        Assert.Equal(["999", "999", "999", "cc-0", "hello", "s3cret", "cc-0 says $(x) $(UNKNOWN)", "root 2777", "touch: cannot touch '/x': Read-only file system", "999", "1"], seen.Split('\n'));
        Assert.Equal("PONG", await fixture.ShellAsync($"{ns}/cc-0", $"redis-cli -h {pods[1].Status.PodIP} ping"));
        using var fromHost = new System.Net.Sockets.TcpClient();
        await fromHost.ConnectAsync(pods[2].Status.PodIP, 6379, KubeletFixture.Cancel);
    }
}
