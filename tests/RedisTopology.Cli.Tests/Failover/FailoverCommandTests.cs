using RedisTopology.Cli.Failover;
using RedisTopology.Cli.Hosting;
using RedisTopology.Cli.Servers;
using RedisTopology.Cli.Status;

namespace RedisTopology.Cli.Tests.Failover;

public sealed class FailoverCommandTests
{
    private static readonly ClusterView View = ClusterViewBuilder.Build(Samples.Cluster(), [], ServerReports.None);

    [Fact]
    public void The_order_names_the_master_it_is_meant_for() => Assert.Equal(("shop-s1-1", (string?)null), FailoverCommand.Check(View, "s1", null));

    [Theory]
    [InlineData("s9", null, ExitCodes.NotFound, "s0, s1")]
    [InlineData("s0", "shop-s0-0", ExitCodes.Problem, "")]
    [InlineData("s0", "shop-s1-0", ExitCodes.NotFound, "shop-s0-1")]
    public void What_cannot_be_is_refused_with_what_could(string shard, string? to, int code, string remedy)
    {
        var refused = Assert.Throws<CliException>(() => FailoverCommand.Check(View, shard, to));
        Assert.Equal(code, refused.ExitCode);
        Assert.Contains(remedy, refused.Remedy ?? "", StringComparison.Ordinal);
    }
}
