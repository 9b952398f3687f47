using System.Net;
using RedisTopology.Sidecar.Topology;
using RedisTopology.Sidecar.Topology.Control;
using RedisTopology.Sidecar.Topology.Views;

namespace RedisTopology.Sidecar.Tests.Topology;

public sealed class MapBuilderTests
{
    private readonly NodeRegistry _registry = new();
    private readonly MapBuilder _builder = new();
    private readonly HashSet<string> _dead = [];
    private ClusterMap _map = ClusterMap.Empty;

    [Fact]
    public void TheSameContentIsTheSameMap()
    {
        var map = Build("a master - 1 0-99", "b master - 2 100-16383", "c slave a 1");
        Assert.Same(map, Build("c slave a 1", "a master - 1 0-99", "b master - 2 100-16383"));
        Assert.Equal(("10.0.0.97", 1), (map.Of(99)!.Master!.Host, map.Of(0)!.Replicas.Length));
    }

    [Fact]
    public void AMapThatALoopPatchedIsReplaced_ButNotWhenThePatchWasRight()
    {
        var map = Build("a master - 1 0-99", "b master - 2 100-16383");
        map.Moved(5, map.Of(100)!.Master!);
        Assert.Same(map, Build("a master - 1 0-4 6-99", "b master - 3 5 100-16383"));
        map.Moved(6, map.Of(100)!.Master!);
        var next = Build("a master - 1 0-4 6-99", "b master - 3 5 100-16383");
        Assert.NotSame(map, next);
        Assert.Equal([map.Of(0), map.Of(100)], [next.Of(6), next.Of(5)]);
    }

    [Fact]
    public void AShardKeepsItsNumberOverFailover_AndANewOneGetsAFreeOne()
    {
        Build("a master - 1 0-99", "b master - 2 100-16383", "c slave a 1", "d slave b 2");
        var map = Build("c master - 3 0-99", "b master - 2 100-16383", "a slave c 3", "d slave b 2");
        Assert.Equal(0, map.Of(0)!.Index);
        map = Build("e master - 9 0-50", "b master - 2 100-16383", "c master - 3 51-99", "a slave c 3", "d slave b 2");
        Assert.Equal((2, 0, 1), (map.Of(0)!.Index, map.Of(51)!.Index, map.Of(100)!.Index));
        map = Build("e master - 9 0-50", "b master - 2 51-16383", "d slave b 2");
        Assert.Equal((2, 1), (map.Of(0)!.Index, map.Of(100)!.Index));
        map = Build("e master - 9 0-50", "b master - 2 51-16383", "d slave b 2", "f master - 0");
        Assert.Equal([0, 1, 2], map.Shards.Select(s => s.Index));
        Assert.Equal("10.0.0.102", map.Shards[0].Master!.Host);
    }

    [Fact]
    public void TheDeadAreLeftOut_AndAShardMayHaveNoMaster()
    {
        var map = Build("a master,fail - 1 0-99", "b master - 2 100-16383", "c slave a 1", "d slave,fail b 2", "e master,fail - 0");
        Assert.Equal(2, map.Shards.Length);
        Assert.NotNull(map.Of(0)!.Master);
        _dead.Add("a");
        map = Build("a master,fail - 1 0-99", "b master - 2 100-16383", "c slave a 1", "d slave,fail b 2");
        Assert.Null(map.Of(0)!.Master);
        Assert.Single(map.Of(0)!.Replicas);
        Assert.Empty(map.Of(100)!.Replicas);
    }

    [Fact]
    public void AReplicaOfAFormerMasterIsOneOfTheNewMaster()
    {
        var map = Build("a slave b 2", "b master - 2 0-16383", "c slave a 1", "d slave x 1", "e slave e 1");
        Assert.Equal(["10.0.0.97", "10.0.0.99"], map.Of(0)!.Replicas.Select(r => r.Host));
    }

    private ClusterMap Build(params string[] nodes)
    {
        var belief = Belief.Of([Texts.View(nodes[0].Split(' ')[0], 9, nodes)], null);
        return _map = _builder.Build(belief, n => _registry.Get(n.Addresses[0].Host, new(IPAddress.Parse(n.Addresses[0].Host), n.Addresses[0].Port)), n => !_dead.Contains(n.Said.Id), _map);
    }
}
