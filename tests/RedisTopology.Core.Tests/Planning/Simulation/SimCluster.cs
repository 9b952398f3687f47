using RedisTopology.Core.Hashing;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>One CacheCluster: its spec, its Kubernetes objects, its operator and the application that writes to it.</summary>
internal sealed partial class SimCluster
{
    /// <summary>One key is deleted for so many that are written, where there is one.</summary>
    private const int DeleteEvery = 4;

    private readonly World _world;
    private RedisServer[]? _servers;

    public SimCluster(World world, string name)
    {
        _world = world;
        Name = name;
        var random = world.Random;
        _cuts = Cuts(random);
        Atoms = new SlotAtoms();
        Atoms.Split += SplitAtom;
        HotSlots = [.. Enumerable.Range(0, world.Small ? 7 : 14).Select(_ => random.Next(HashSlot.Count))];
        Way = (SlotMigration)Math.Max(0, random.Next(5) - 2);

        // Drawn from what is drawn already, so that seeds name the schedules they did.
        TellsBans = Way != SlotMigration.Keys || HotSlots[0] % 2 == 0;
        var balanced = random.Next(2) == 0;
        var shards = 1 + random.Next(world.Small ? 3 : 6);
        var copies = world.Small && random.Next(3) > 0 ? 2 : 3;
        Desired = new DesiredTopology(
            [.. (balanced || random.Next(3) == 0 ? [.. DesiredTopology.EvenSplit(shards).Select(s => s.Slots)] : Layout(shards)).Select((slots, i) => new DesiredShard($"s{i}", slots, random.Next(copies)))],
            TimeSpan.FromSeconds(RedisServer.NodeTimeout))
        { Placement = balanced ? SlotPlacement.Balanced : SlotPlacement.Explicit };
        if (random.Next(6) == 0)
            BigSlots.Add(HotSlots[0]);
        Template = new SimTemplate(0, SimStart.Server, Sizes[1]);
        InPlace = random.Next(3);
        PersistsData = random.Next(3) == 0;
        PersistentVolumes = random.Next(4) == 0;
        Lacks = random.Next(8) == 0;
        Desired = Sized(Desired);
        Kubernetes = new SimKubernetes(world, this);
        Operator = new SimOperator(world, this);
    }

    public string Name { get; }

    public SlotAtoms Atoms { get; }

    public DesiredTopology Desired { get; private set; }

    /// <summary>The dataset survives a restart of the container (RDB or AOF).</summary>
    public bool PersistsData { get; }

    /// <summary>The disk survives the pod.</summary>
    public bool PersistentVolumes { get; }

    public SimKubernetes Kubernetes { get; }

    /// <summary>It has been as the spec says.</summary>
    public bool Formed { get; set; }

    public SimOperator Operator { get; }

    /// <summary>How long a person has been told of keys that are where they should not be, ticks.</summary>
    public int ReportedFor { get; set; }

    /// <summary>Every acknowledged write that was not deleted since.</summary>
    public HashSet<int> Acknowledged { get; } = [];

    /// <summary>The servers that run, by the names of their pods; the list is never changed, but another one when a server starts or stops.</summary>
    public RedisServer[] Servers => _servers ??= [.. Kubernetes.Pods.Values.Where(p => p.ContainerRuns).Select(p => p.Server!)];

    /// <summary>A shard of the spec; one that is to go keeps what it has.</summary>
    public DesiredShard ShardOf(string name) => Desired.Shards.FirstOrDefault(s => s.Name == name) ?? new DesiredShard(name, SlotSet.Empty, int.MaxValue - 1);

    public void ServersChanged() => _servers = null;

    public void EditReplicas(int shard, int replicas) =>
        Desired = Desired with { Shards = Desired.Shards.SetItem(shard, Desired.Shards[shard] with { Replicas = replicas }) };

    /// <summary>A client writes where a server takes writes for the slot; replication is asynchronous, so the answer comes before any replica has it.</summary>
    public void Write()
    {
        foreach (var server in Servers)
        {
            if (server.Replica || server.Loading || server.PeerCutUntil > _world.Now || server.Claims == 0 || _world.Random.Next(2) == 0 || !server.ClusterOk)
                continue;
            var first = _world.Random.Next(HotSlots.Length);
            for (var i = 0; i < HotSlots.Length; i++)
            {
                var slot = HotSlots[(first + i) % HotSlots.Length];
                if (server.OwnerOf(Atoms.Of(slot)) != server.Id)
                    continue;
                Write(server, slot);
                break;
            }
        }
    }

    /// <summary>A new key of a slot that is on its way is written where the client is sent: to the other end, if that takes it.</summary>
    private void Write(RedisServer server, int slot)
    {
        var atom = Atoms.Of(slot);
        if (server.MigratingTo(atom) is { } peer)
        {
            if (_world.Network.At(server.Known(peer)?.Address) is not { Replica: false, Loading: false } target || target.Cluster != this || target.PeerCutUntil > _world.Now || target.ImportingFrom(atom) is null)
                return;
            server = target;
        }

        if (server.IsFull)
            return;
        var key = _world.NewKey(this, slot);
        server.Write(key);
        if (!server.GivenUp)
            Acknowledged.Add(key);
        if (key % DeleteEvery == 0)
            DeleteOldest(server, slot, but: key);
    }

    /// <summary>A client deletes a key of a slot where it writes another.</summary>
    private void DeleteOldest(RedisServer server, int slot, int but)
    {
        if (server.Keys.Where(k => k != but && _world.KeySlot(k) == slot).DefaultIfEmpty(-1).Min() is not (>= 0 and var oldest))
            return;
        server.Remove(oldest);
        Acknowledged.Remove(oldest);
        _world.Deleted(oldest);
    }
}
