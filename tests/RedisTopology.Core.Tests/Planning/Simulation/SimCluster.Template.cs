using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>The part of the spec that becomes the pods' template and the servers' settings.</summary>
internal sealed partial class SimCluster
{
    /// <summary>The memory limits there are, bytes; the smallest may be too small for the dataset.</summary>
    public static readonly long[] Sizes = [32L << 20, 4L << 30, 8L << 30];

    private readonly List<SimTemplate> _former = [];

    public SimTemplate Template { get; private set; }

    public int Policy { get; private set; }

    /// <summary>What becomes of a resize in place: 0 not served, 1 works, 2 sometimes infeasible.</summary>
    public int InPlace { get; }

    /// <summary>There is no room for a pod more than the spec asks for.</summary>
    public bool Lacks { get; }

    public void EditPolicy(int policy) => Policy = policy;

    public void EditTemplate(SimTemplate template)
    {
        _former.Add(Template);
        Template = template;
        Desired = Sized(Desired);
    }

    /// <summary>A template the cluster had before: an edit that is taken back.</summary>
    public SimTemplate Former(Random random) => _former.Count == 0 ? Template : _former[random.Next(_former.Count)];

    /// <summary>What a shard held is lost, and nobody expects it back.</summary>
    public void GiveUp(string shard)
    {
        var mask = Servers.Where(s => s.Pod.Shard == shard).Aggregate(0UL, (all, s) => all | s.Claims);
        Acknowledged.RemoveWhere(key => (mask & (1UL << _world.KeyAtom(key))) != 0);
    }

    private DesiredTopology Sized(DesiredTopology desired) => desired with
    {
        Memory = Template.Memory,
        MaxMemory = Template.MaxMemory,
        NoEviction = true,
        PersistsData = PersistsData && PersistentVolumes,
        LogsWrites = PersistsData,
    };
}
