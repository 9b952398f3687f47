using RedisTopology.Sidecar.Topology.Views;

namespace RedisTopology.Sidecar.Tests.Topology;

public sealed class BeliefTests
{
    private static readonly string[] s_old = ["a master - 1 0-99", "b master - 2 100-199", "c master - 3 200-299", "d slave a 1"];
    private static readonly string[] s_new = ["a master,fail - 1", "b master - 2 100-199", "c master - 3 200-299", "d master - 4 0-99"];

    [Fact]
    public void TheNewerClaimHolds_WhoeverSaysSo()
    {
        foreach (var order in (int[][])[[0, 1], [1, 0]])
        {
            ClusterView[] views = [Texts.View("a", 3, s_old), Texts.View("b", 4, s_new)];
            var belief = Belief.Of([.. order.Select(i => views[i])], null);
            Assert.Equal(("d", "b", "c", null), (Owner(belief, 0), Owner(belief, 100), Owner(belief, 299), Owner(belief, 300)));
            Assert.Equal((4, 4), (belief.Epoch, belief.CurrentEpoch));
            Assert.True(belief.Nodes["a"].Said.Failed);
        }
    }

    [Fact]
    public void AStaleViewAloneAddsNothingToWhatIsKnown()
    {
        var known = Belief.Of([Texts.View("b", 4, s_new), Texts.View("d", 4, s_new)], null);
        var belief = Belief.Of([Texts.View("a", 3, s_old)], known);
        Assert.Equal("d", Owner(belief, 0));
        Assert.False(belief.Nodes["d"].Said.IsReplica);
        Assert.Equal(4, belief.CurrentEpoch);
        // Nor does its newest epoch make it right: it may have called elections that nobody heard.
        Assert.Equal("d", Owner(Belief.Of([Texts.View("a", 9, s_old)], known), 0));
    }

    [Fact]
    public void NewsOfOneServerIsTaken()
    {
        var known = Belief.Of([Texts.View("a", 3, s_old), Texts.View("b", 3, s_old)], null);
        Assert.Equal("d", Owner(Belief.Of([Texts.View("d", 4, s_new)], known), 0));
    }

    [Fact]
    public void AClaimThatWasNotRenewedIsVoid()
    {
        // a has a newer epoch by now, and what it owns under it no longer includes 50-99.
        var views = new[] { Texts.View("b", 5, s_old), Texts.View("a", 5, ["a master - 5 0-49", "b master - 2 100-199", "c master - 3 200-299"]) };
        var belief = Belief.Of(views, null);
        Assert.Equal(("a", null), (Owner(belief, 49), Owner(belief, 50)));
    }

    [Fact]
    public void AMajorityOfOwnersMayForgetWhatWasKnown()
    {
        string[] rebuilt = ["b master - 2 0-199", "c master - 3 200-299"];
        var known = Belief.Of([Texts.View("b", 4, s_new), Texts.View("d", 4, s_new)], null);
        ClusterView[] views = [Texts.View("b", 4, rebuilt), Texts.View("c", 4, rebuilt)];
        var fresh = Belief.Of(views, null);
        Assert.True(fresh.HasMajority(views));
        Assert.Equal("b", Owner(fresh, 0));
        Assert.False(fresh.HasMajority(views[..1]));
        Assert.Equal("d", Owner(Belief.Of(views[..1], known), 0));
    }

    [Fact]
    public void OnlyOwnersCountForAMajority()
    {
        var views = new[] { Texts.View("d", 3, s_old), Texts.View("a", 3, s_old) };
        Assert.False(Belief.Of(views, null).HasMajority(views));
        views = [.. views, Texts.View("c", 3, s_old)];
        Assert.True(Belief.Of(views, null).HasMajority(views));
    }

    [Fact]
    public void WhereAServerIsIsBetterKnownToTheOthers()
    {
        var views = new[] { Texts.View("a", 3, s_old), Texts.View("b", 3, s_old, others: 50) };
        var addresses = Belief.Of(views, null).Nodes["a"].Addresses.Select(a => a.Host);
        Assert.Equal([$"10.0.0.{'a' + 50}", $"10.0.0.{(int)'a'}"], addresses);
    }

    [Fact]
    public void StrangersAreNotListenedTo_UnlessASeedLeadsThere()
    {
        var known = Belief.Of([Texts.View("a", 3, s_old)], null);
        var (ours, strange) = (Texts.View("b", 3, s_old), Texts.View("x", 99, ["x master - 99 0-16383", "y slave x 99"]));
        var kin = Texts.View("y", 99, ["x master - 99 0-16383", "y slave x 99"]);
        Assert.Equal([ours], ViewGroups.Ours([(strange, true), (kin, true), (ours, false)], known));
        Assert.Empty(ViewGroups.Ours([(strange, false)], known));
        Assert.Equal(2, ViewGroups.Ours([(strange, true), (kin, false)], known).Count);
        Assert.Equal([ours], ViewGroups.Ours([(ours, true), (strange, false)], null));
    }

    [Fact]
    public void AServerThatWasResetIsNotOurs()
    {
        var known = Belief.Of([Texts.View("b", 4, s_new)], null);
        var reset = Texts.View("d", 4, ["d master - 4"]);
        var view = Texts.View("b", 4, s_new);
        // It is known to the others and knows nobody: one group. Alone with its kind it says nothing that a view of owners does not outweigh.
        Assert.Contains(view, ViewGroups.Ours([(reset, true), (view, false)], known));
    }

    private static string? Owner(Belief belief, int slot) => belief.OwnerOf(slot) is >= 0 and var index ? belief.Owners[index].Said.Id : null;
}
