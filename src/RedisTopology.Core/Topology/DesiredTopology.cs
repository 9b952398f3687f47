using System.Collections.Immutable;
using RedisTopology.Core.Hashing;

namespace RedisTopology.Core.Topology;

/// <summary>What a valid spec asks for: the shards, their slots and their replicas. Made by the operator from a spec that passed validation.</summary>
/// <param name="Shards">The shards, in the order of the spec; their slots are disjoint and cover all 16,384.</param>
/// <param name="NodeTimeout">Redis' <c>cluster-node-timeout</c>: how long a silent node is given before gossip calls it failed.</param>
public sealed record DesiredTopology(ImmutableArray<DesiredShard> Shards, TimeSpan NodeTimeout)
{
    /// <summary>Who decides which slots a shard owns.</summary>
    public SlotPlacement Placement { get; init; } = SlotPlacement.Explicit;

    /// <summary>The memory limit of every pod, bytes.</summary>
    public long Memory { get; init; }

    /// <summary>Redis' <c>maxmemory</c>, bytes.</summary>
    public long MaxMemory { get; init; }

    /// <summary>The eviction policy keeps keys whatever happens (<c>noeviction</c> all of them, <c>volatile-*</c> those without a lifetime): where a dataset does not fit, writes are refused.</summary>
    public bool NoEviction { get; init; }

    /// <summary>The data are on a volume that outlives the pod: a replaced pod finds them again.</summary>
    public bool PersistsData { get; init; }

    /// <summary>Every acknowledged write is on the volume (a log): a server whose process ended comes back with all of them.</summary>
    public bool LogsWrites { get; init; }

    /// <summary>No acknowledged write may be in one server alone for more than two seconds (<c>durability: Bounded</c>).</summary>
    public bool BoundsLoss { get; init; }

    /// <summary>Another master that a person asks for; null for none.</summary>
    public Switchover? Switchover { get; init; }

    /// <summary>
    /// Splits the slots evenly into <paramref name="count"/> shards named <c>s0</c>, <c>s1</c>, ..., with the boundaries that
    /// <c>redis-cli --cluster create</c> chooses (three shards: 0-5460, 5461-10922, 10923-16383).
    /// </summary>
    /// <param name="count">The number of shards, 1..16384.</param>
    /// <returns>Each shard's name and slots.</returns>
    public static ImmutableArray<(string Name, SlotSet Slots)> EvenSplit(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, HashSlot.Count);
        var shards = ImmutableArray.CreateBuilder<(string, SlotSet)>(count);
        for (var i = 0; i < count; i++)
            shards.Add(($"s{i}", SlotSet.Of(new SlotRange(Boundary(i), Boundary(i + 1) - 1))));
        return shards.MoveToImmutable();

        int Boundary(int index) => (int)Math.Round((double)index * HashSlot.Count / count, MidpointRounding.AwayFromZero);
    }
}
