using CsCheck;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Topology;

/// <summary>The algebra against a plain array of 16,384 booleans.</summary>
public sealed class SlotSetTests
{
    // Ends near each other and near the borders of the slots make ranges touch, overlap and contain each other.
    private static readonly Gen<SlotRange> Range =
        Gen.OneOf(Gen.Int[0, 40], Gen.Int[16350, 16383], Gen.Int[0, 16383]).Array[2].Select(ends => new SlotRange(ends.Min(), ends.Max()));

    private static readonly Gen<SlotRange[]> Ranges = Range.Array[0, 8];

    [Fact]
    public void Holds_what_its_ranges_hold() => Ranges.Sample(ranges => AssertIs(Model(ranges), SlotSet.Of(ranges)));

    [Fact]
    public void Union_intersection_difference_and_complement_are_those_of_sets() => Gen.Select(Ranges, Ranges).Sample((a, b) =>
    {
        var (x, y) = (Model(a), Model(b));
        var (left, right) = (SlotSet.Of(a), SlotSet.Of(b));
        AssertIs([.. x.Zip(y, (p, q) => p || q)], left.Union(right));
        AssertIs([.. x.Zip(y, (p, q) => p && q)], left.Intersect(right));
        AssertIs([.. x.Zip(y, (p, q) => p && !q)], left.Except(right));
        AssertIs([.. x.Select(p => !p)], left.Complement());
    });

    [Fact]
    public void Equality_is_that_of_the_slots() => Gen.Select(Ranges, Ranges).Sample((a, b) =>
    {
        var (left, right) = (SlotSet.Of(a), SlotSet.Of(b));
        Assert.Equal(Model(a).SequenceEqual(Model(b)), left.Equals(right));
        var again = SlotSet.Of(a.Reverse().SelectMany(r => new[] { new SlotRange(r.First, r.First), r }));
        Assert.Equal(left, again);
        Assert.Equal(left.GetHashCode(), again.GetHashCode());
        Assert.True(left.Equals((object)again));
    });

    [Fact]
    public void Lowest_and_highest_are_the_ends_of_the_set() => Gen.Select(Ranges, Gen.Int[0, 17000]).Sample((ranges, count) =>
    {
        var set = SlotSet.Of(ranges);
        Assert.Equal(set.Slots.Take(count), set.Lowest(count).Slots);
        Assert.Equal(set.Slots.TakeLast(count), set.Highest(count).Slots);
        Assert.Equal(set, SlotSet.OfSlots(set.Slots.Reverse()));
    }, iter: 200);

    [Fact]
    public void Is_written_as_ranges()
    {
        Assert.Equal("0-5460,6000", SlotSet.Of(new SlotRange(6000, 6000), new SlotRange(0, 5459), new SlotRange(5460, 5460)).ToString());
        Assert.Equal("", SlotSet.Empty.ToString());
    }

    [Fact]
    public void Contains_nothing_outside_the_slots()
    {
        Assert.False(SlotSet.All.Contains(-1));
        Assert.False(SlotSet.All.Contains(16384));
    }

    private static bool[] Model(IEnumerable<SlotRange> ranges)
    {
        var model = new bool[16384];
        foreach (var range in ranges)
            Array.Fill(model, true, range.First, range.Count);
        return model;
    }

    private static void AssertIs(bool[] model, SlotSet set)
    {
        Assert.Equal(model.Count(slot => slot), set.Count);
        Assert.Equal(set.Count == 0, set.IsEmpty);
        Assert.Equal(Enumerable.Range(0, model.Length).Where(slot => model[slot]), set.Slots);
        for (var i = 1; i < set.Ranges.Length; i++)
            Assert.True(set.Ranges[i].First > set.Ranges[i - 1].Last + 1, $"{set}: ranges touch");
        foreach (var range in set.Ranges)
        {
            Assert.True(set.Contains(range.First) && set.Contains(range.Last));
            Assert.False(set.Contains(range.First - 1) || set.Contains(range.Last + 1));
        }
    }

    [Fact]
    public void Many_ranges_are_shortened_for_people()
    {
        Assert.Equal("0,2,4,6,8,10", SlotSet.Of([.. Enumerable.Range(0, 6).Select(i => new SlotRange(2 * i, 2 * i))]).ToBriefString());
        Assert.Equal("0,2,4,6,8,10,...", SlotSet.Of([.. Enumerable.Range(0, 7).Select(i => new SlotRange(2 * i, 2 * i))]).ToBriefString());
    }
}
