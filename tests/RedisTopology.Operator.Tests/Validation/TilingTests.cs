using CsCheck;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Tests.Validation;

/// <summary>Random divisions of the hash slots: the true ones are accepted, and each is refused once a single thing in it is wrong.</summary>
public sealed class TilingTests
{
    private enum Corruption
    {
        Gap,
        Overlap,
        Swap,
        DuplicateName,
        DroppedShard,
        OutOfBounds,
    }

    // Cut points make pieces; every piece goes to one of the shards, and each shard gets the piece of its own number so that none is empty.
    private static readonly Gen<CacheCluster> Tiling =
        from shards in Gen.Int[1, 12]
        from more in Gen.Int[0, 20]
        from cuts in Gen.Int[1, 16383].HashSet[shards + more - 1]
        from owners in Gen.Int[0, shards - 1].Array[more]
        from order in Gen.Shuffle(Enumerable.Range(0, shards + more).ToArray())
        select Build(shards, [.. cuts.Order()], owners, order);

    [Fact]
    public void Every_tiling_is_accepted_and_understood() => Tiling.Sample(cluster =>
    {
        var (definition, errors) = SpecValidator.Validate(cluster, null);
        Assert.Empty(errors);
        Assert.Equal(cluster.Spec.Sharding.Shards!.Select(s => s.Name), definition!.Topology.Shards.Select(s => s.Name));
        Assert.Equal(16384, definition.Topology.Shards.Sum(s => s.Slots.Count));
        Assert.Equal(SlotSet.All, definition.Topology.Shards.Aggregate(SlotSet.Empty, (all, s) => all.Union(s.Slots)));
    });

    [Fact]
    public void Any_single_corruption_is_refused() => Gen.Select(Tiling, Gen.Enum<Corruption>(), Gen.Int[0, int.MaxValue], Gen.Int[0, int.MaxValue]).Sample((cluster, kind, one, two) =>
    {
        if (!Corrupt(cluster.Spec.Sharding.Shards!, kind, one, two))
            return;
        var (definition, errors) = SpecValidator.Validate(cluster, null);
        Assert.Null(definition);
        Assert.NotEmpty(errors);
        Assert.All(errors, e => Assert.StartsWith("spec.sharding.shards", e, StringComparison.Ordinal));
    });

    private static CacheCluster Build(int shards, int[] cuts, int[] owners, int[] order)
    {
        var ranges = Enumerable.Range(0, shards).Select(_ => new List<string>()).ToArray();
        foreach (var piece in order)
        {
            var first = piece == 0 ? 0 : cuts[piece - 1];
            var last = piece == cuts.Length ? 16383 : cuts[piece] - 1;
            ranges[piece < shards ? piece : owners[piece - shards]].Add(new SlotRange(first, last).ToString());
        }

        var cluster = TestClusters.Of(TestClusters.Even);
        cluster.Spec.Sharding = new ShardingSpec { Shards = [.. ranges.Select((r, i) => new ShardSpec { Name = $"x{i}", Ranges = r })] };
        return cluster;
    }

    private static bool Corrupt(IList<ShardSpec> shards, Corruption kind, int one, int two)
    {
        var shard = shards[one % shards.Count];
        var index = two % shard.Ranges.Count;
        Assert.True(SlotRange.TryParse(shard.Ranges[index], out var range, out _));
        switch (kind)
        {
            case Corruption.Gap when range.Count > 1:
                shard.Ranges[index] = new SlotRange(range.First + 1, range.Last).ToString();
                return true;
            case Corruption.Overlap when range.First > 0:
                shard.Ranges[index] = new SlotRange(range.First - 1, range.Last).ToString();
                return true;
            case Corruption.Swap when range.Count > 1:
                shard.Ranges[index] = $"{range.Last}-{range.First}";
                return true;
            case Corruption.DuplicateName when shards.Count > 1:
                shard.Name = shards[(shards.IndexOf(shard) + 1) % shards.Count].Name;
                return true;
            case Corruption.DroppedShard when shards.Count > 1:
                shards.Remove(shard);
                return true;
            case Corruption.OutOfBounds:
                shard.Ranges[index] = $"{range.First}-16384";
                return true;
            default:
                return false;
        }
    }
}
