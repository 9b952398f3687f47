using CsCheck;
using RedisTopology.Cli.Hosting;
using RedisTopology.Cli.Reshard;
using RedisTopology.Cli.Status;
using RedisTopology.Cli.Where;
using RedisTopology.Core.Topology;

namespace RedisTopology.Cli.Tests.Reshard;

public sealed class ResharderTests
{
    private static readonly ClusterView View = ClusterViewBuilder.Build(Samples.Cluster(), Samples.Pods(), Samples.Reports());

    [Fact]
    public void A_third_shard_takes_a_third_from_both()
    {
        var plan = Resharder.Plan(Samples.Cluster(), View, 3, []);
        Assert.Equal(["s2"], plan.Added);
        Assert.Equal([("s0", "s2", 2730), ("s1", "s2", 2731)], plan.Moves.Select(m => (m.From, m.To, m.Slots)));
        Assert.Equal("""{"spec":{"sharding":{"count":3,"shards":null}}}""", plan.Patch);
        Assert.Equal((12L << 20) * 2730 / 8192, plan.Moves[0].Bytes);
    }

    [Fact]
    public void The_present_number_moves_nothing() => Assert.Empty(Resharder.Plan(Samples.Cluster(), View, 2, []).Moves);

    [Fact]
    public void A_shard_that_goes_is_emptied()
    {
        var plan = Resharder.Plan(Samples.Cluster(), View, 1, []);
        Assert.Equal(["s1"], plan.Removed);
        Assert.Equal(("s1", "s0", 8192, "8192-16383"), plan.Moves.Select(m => (m.From, m.To, m.Slots, m.Ranges)).Single());
    }

    [Fact]
    public void Named_ranges_are_taken_as_they_are()
    {
        var plan = Resharder.Plan(Samples.Cluster(), View, null, ["s0=0-99", "s1=100-16383"]);
        Assert.Equal(("s0", "s1", "100-8191"), plan.Moves.Select(m => (m.From, m.To, m.Ranges)).Single());
        Assert.Equal("""{"spec":{"sharding":{"count":null,"shards":[{"name":"s0","ranges":["0-99"]},{"name":"s1","ranges":["100-16383"]}]}}}""", plan.Patch);
    }

    [Theory]
    [InlineData("s0=0-99")]
    [InlineData("s0=0-100", "s1=100-16383")]
    [InlineData("s0")]
    [InlineData("s0=0-99999")]
    public void A_proposal_that_makes_no_sense_is_refused(params string[] shards) =>
        Assert.Equal(ExitCodes.Usage, Assert.Throws<CliException>(() => Resharder.Plan(Samples.Cluster(), View, null, shards)).ExitCode);

    [Fact]
    public void What_does_not_fit_is_told() =>
        Assert.Contains(Resharder.Plan(Samples.Cluster(), Heavy(30 << 20), 1, []).Warnings, w => w.Contains("maxmemory", StringComparison.Ordinal));

    /// <summary>Whatever number is asked for: what is moved is exactly what changes hands, and every shard ends up with an even part.</summary>
    [Fact]
    public void Any_number_is_reached_by_moving_no_slot_that_could_stay() => Gen.Int[1, 64].Sample(count =>
    {
        var plan = Resharder.Plan(Samples.Cluster(), View, count, []);
        var least = 16384 / count;
        Assert.All(plan.Shards.Where(s => !plan.Removed.Contains(s.Name)), s => Assert.InRange(s.After, least, least + 1));
        Assert.Equal(plan.Shards.Sum(s => Math.Max(0, s.After - s.Before)), plan.Slots);
        Assert.Equal(plan.Slots, plan.Moves.Aggregate(SlotSet.Empty, (all, m) => all.Union(KeyFinder.SlotsOf(m.Ranges))).Count);
    });

    private static ClusterView Heavy(long bytes) => View with
    {
        Shards = [.. View.Shards.Select(s => s with { Servers = [.. s.Servers.Select(p => p with { UsedMemory = bytes })] })],
    };
}
