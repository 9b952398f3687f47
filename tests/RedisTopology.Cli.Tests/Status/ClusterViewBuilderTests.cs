using RedisTopology.Cli.Servers;
using RedisTopology.Cli.Status;
using RedisTopology.Core.Topology;

namespace RedisTopology.Cli.Tests.Status;

public sealed class ClusterViewBuilderTests
{
    [Fact]
    public void What_the_servers_say_goes_before_the_status()
    {
        var view = ClusterViewBuilder.Build(Samples.Cluster(), Samples.Pods(), Samples.Reports());
        Assert.Equal("servers", view.Source);
        Assert.Null(view.SourceNote);
        Assert.Equal(1234 + 2345, view.Keys);
        Assert.Equal(300, view.OpsPerSecond);
        Assert.Equal(["shop-s1-1", "shop-s1-0"], view.Shards[1].Servers.Select(s => s.Pod));
        Assert.Equal(1024, view.Shards[1].Servers[1].LagBytes);
    }

    [Fact]
    public void Where_no_server_can_be_asked_the_status_is_shown_and_the_reason()
    {
        var silent = Samples.Pods().ToDictionary(p => p.Metadata.Name, _ => "pods \"x\" is forbidden");
        var view = ClusterViewBuilder.Build(Samples.Cluster(), Samples.Pods(), new ServerReports(new Dictionary<string, ServerReport>(), silent));
        Assert.Equal("status", view.Source);
        Assert.Equal("the servers could not be asked: pods \"x\" is forbidden", view.SourceNote);
        Assert.Equal(3000, view.Keys);
        Assert.Null(view.OpsPerSecond);
        Assert.Equal("shop-s1-1", view.Shards[1].Master!.Pod);
    }

    [Fact]
    public void A_master_that_does_not_answer_is_named_with_the_reason()
    {
        var reports = Samples.Reports();
        var others = reports.ByPod.Where(r => r.Key != "shop-s0-0").ToDictionary(r => r.Key, r => r.Value);
        var view = ClusterViewBuilder.Build(Samples.Cluster(), Samples.Pods(), new ServerReports(others, new Dictionary<string, string> { ["shop-s0-0"] = "no answer within 10 s" }));
        Assert.Equal("no answer within 10 s", view.Shards[0].Master!.Trouble);
        Assert.Equal(1000, view.Shards[0].Master!.Keys);
    }

    [Fact]
    public void Of_two_masters_the_one_with_the_slots_is_it()
    {
        var reports = Samples.Reports().ByPod.ToDictionary();
        reports["shop-s0-1"] = new ServerReport { Id = "a1", Role = NodeRole.Master, ClusterOk = true };
        var shard = ClusterViewBuilder.Build(Samples.Cluster(), Samples.Pods(), new ServerReports(reports, new Dictionary<string, string>())).Shards[0];
        Assert.Equal("shop-s0-0", shard.Master!.Pod);
        Assert.Equal("a master without a place", shard.Servers.Single(s => s.Pod == "shop-s0-1").Trouble);
    }
}
