using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning;

/// <summary>Slots that stand elsewhere than the spec says, or are on their way.</summary>
internal sealed partial class Situation
{
    private Func<ObservedTopology, ObservedTopology> _also = o => o;

    /// <summary>The master of a shard owns other slots than the spec says, and everyone knows.</summary>
    public Situation Owning(string shard, string ranges)
    {
        var slots = Slots(ranges);
        return WithNode($"{shard}-0", n => n with { Slots = slots }).Seen($"id-{shard}-0", p => p with { Slots = slots });
    }

    public Situation Marked(string pod, int slot, bool importing, string peer) =>
        WithNode(pod, n => n with { OpenSlots = n.OpenSlots.Add(new OpenSlot(slot, importing, peer)) });

    public Situation Importing(string pod, int slot, string from) => Marked(pod, slot, importing: true, $"id-{from}");

    public Situation Migrating(string pod, int slot, string to) => Marked(pod, slot, importing: false, $"id-{to}");

    /// <summary>Another spec for the same pods.</summary>
    public Situation Asking(params ReadOnlySpan<(string Shard, string Ranges, int Replicas)> shards)
    {
        Desired = Desired with { Shards = [.. shards.ToArray().Select(s => new DesiredShard(s.Shard, Slots(s.Ranges), s.Replicas))] };
        return this;
    }

    /// <summary>The spec says how many shards, not which slots.</summary>
    public Situation Balanced(params ReadOnlySpan<int> replicas)
    {
        var counts = replicas.ToArray();
        Desired = Desired with
        {
            Placement = SlotPlacement.Balanced,
            Shards = [.. DesiredTopology.EvenSplit(counts.Length).Select((s, i) => new DesiredShard(s.Name, s.Slots, counts[i]))],
        };
        return this;
    }

    public Situation Also(Func<ObservedTopology, ObservedTopology> change)
    {
        var before = _also;
        _also = o => change(before(o));
        return this;
    }

    public Situation NoEviction()
    {
        Desired = Desired with { NoEviction = true };
        return this;
    }

    /// <summary>Every server hands slots over in this way.</summary>
    public Situation Way(SlotMigration way)
    {
        foreach (var pod in _pods.Values.Where(p => p.Node is not null).ToList())
            WithNode(pod.Name, n => n with { Migration = way });
        return this;
    }

    /// <summary>The replica in pod 1 of a shard has been promoted and the master in pod 0 has become its replica, with what that does to its marks.</summary>
    public Situation FailedOver(string shard)
    {
        var (old, heir) = ($"{shard}-0", $"{shard}-1");
        var slots = Node(old).Slots;
        WithNode(old, n => n with { Role = NodeRole.Replica, MasterId = $"id-{heir}", MasterHost = $"ip-{heir}", Slots = SlotSet.Empty, OpenSlots = [], ConfigEpoch = 20 });
        WithNode(heir, n => n with { Role = NodeRole.Master, MasterId = null, MasterHost = null, Slots = slots, ConfigEpoch = 20 });
        Seen($"id-{old}", p => p with { Role = NodeRole.Replica, MasterId = $"id-{heir}", Slots = SlotSet.Empty, ConfigEpoch = 20 });
        Seen($"id-{heir}", p => p with { Role = NodeRole.Master, MasterId = null, Slots = slots, ConfigEpoch = 20 });
        return WithPod(old, p => p with { RoleLabel = NodeRole.Replica }).WithPod(heir, p => p with { RoleLabel = NodeRole.Master });
    }

    public IEnumerable<PlanStep.MoveSlots> Moves() => Plan().Steps.OfType<PlanStep.MoveSlots>();

    public static SlotSet Slots(string ranges) => SlotSet.Of(ranges.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(text =>
        SlotRange.TryParse(text, out var range, out var error) ? range : throw new ArgumentException(error, nameof(ranges))));
}
