using CsCheck;
using RedisTopology.Core.Keys;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Keys;

public sealed class TabletsTests
{
    private static readonly Gen<long> Id = Gen.OneOf(Gen.Long[0, 50], Gen.Long[0, 100_000_000], Gen.Long[0, KeyPattern.MaxId], Gen.Const(KeyPattern.MaxId));

    private static readonly Gen<Tablets> Any = Gen.Select(
        Gen.OneOf(Gen.Long[0, 5], Gen.Long[0, KeyPattern.MaxId]),
        Gen.OneOf(Gen.Long[1, 5], Gen.Long[1, 100_000], Gen.Long[1, Tablets.MaxGranularity])).Select((first, granularity) => Make(first, granularity));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1000, 0)]
    [InlineData(1001, 1)]
    [InlineData(2000, 1)]
    [InlineData(2001, 2)]
    [InlineData(0, 0)]
    [InlineData(16_383_000, 16382)]
    [InlineData(16_383_001, 16383)]
    [InlineData(16_384_000, 16383)]
    [InlineData(16_384_001, 16383)]
    [InlineData(KeyPattern.MaxId, 16383)]
    public void Ids_of_a_thousand_from_one(long id, int tablet) => Assert.Equal(tablet, Make(1, 1000).Of(id));

    [Fact]
    public void Every_id_has_a_tablet_and_it_is_among_the_ids_of_that_tablet() => Gen.Select(Any, Id).Sample((tablets, id) =>
    {
        var tablet = tablets.Of(id);
        Assert.InRange(tablet, 0, 16383);
        var ids = tablets.Ids(tablet);
        Assert.True(id >= ids.First || (tablet == 0 && id < tablets.First));
        Assert.True(ids.Last is null ? tablet == 16383 : id <= ids.Last);
    });

    [Fact]
    public void A_greater_id_never_has_a_lower_tablet() => Gen.Select(Any, Id, Id).Sample((tablets, a, b) =>
        Assert.True(tablets.Of(Math.Min(a, b)) <= tablets.Of(Math.Max(a, b))));

    [Fact]
    public void Tablets_tile_the_ids() => Any.Sample(tablets =>
    {
        var next = tablets.First;
        for (var tablet = 0; tablet < Tablets.Count; tablet++)
        {
            var ids = tablets.Ids(tablet);
            Assert.Equal(next, ids.First);
            if (tablet == Tablets.Count - 1)
                Assert.Null(ids.Last);
            else
                next = ids.Last!.Value + 1;
        }
    }, iter: 10);

    [Fact]
    public void Slots_become_ids_and_back() => Gen.Select(Any, Gen.Int[0, 16383], Gen.Int[0, 16383]).Sample((tablets, a, b) =>
    {
        var slots = new SlotRange(Math.Min(a, b), Math.Max(a, b));
        Assert.True(tablets.TrySlots(tablets.Ids(slots), out var back, out var error), error);
        Assert.Equal(slots, back);
    });

    [Fact]
    public void The_nearest_range_is_made_of_whole_tablets_and_no_other_is_nearer() => Gen.Select(Gen.Long[0, 9], Gen.Long[1, 9], Gen.Long[0, 200], Gen.Long[0, 60]).Sample((first, granularity, from, length) =>
    {
        var tablets = Make(first, granularity);
        var ids = new IdRange(from, from + length);
        var nearest = tablets.Ids(tablets.Nearest(ids));
        Assert.True(tablets.TrySlots(nearest, out _, out _));
        Assert.Equal(Distances(tablets, from).Min(), Math.Abs(nearest.First - from));
        var end = Enumerable.Range(0, 300).Select(tablets.Ids).Where(t => t.First >= nearest.First).Min(t => Math.Abs(t.Last!.Value - ids.Last!.Value));
        Assert.Equal(end, Math.Abs(nearest.Last!.Value - ids.Last!.Value));
    }, iter: 1000);

    [Theory]
    [InlineData("1-1000", "1-1000")]
    [InlineData("1001-5000", "1001-5000")]
    [InlineData("2001-", "2001-")]
    [InlineData("16383001-", "16383001-")]
    public void Takes_ranges_of_whole_tablets(string text, string expected)
    {
        Assert.True(IdRange.TryParse(text, out var ids, out _));
        Assert.True(Make(1, 1000).TrySlots(ids, out var slots, out var error), error);
        Assert.Equal(expected, Make(1, 1000).Ids(slots).ToString());
    }

    [Theory]
    [InlineData("1-1500", "1-2000")]
    [InlineData("1-1499", "1-1000")]
    [InlineData("1-3", "1-1000")]
    [InlineData("0-1000", "1-1000")]
    [InlineData("1000-2000", "1001-2000")]
    [InlineData("1200-", "1001-")]
    [InlineData("1700-1800", "2001-3000")]
    [InlineData("99999999-", "16383001-")]
    [InlineData("1-16384000", "1-")]
    [InlineData("1001-99999999", "1001-")]
    public void Names_the_nearest_range_of_whole_tablets(string text, string nearest) =>
        AssertRefused(text, $"\"{text}\" is not made of whole tablets (1000 ids each from 1, the last of 16384 open); the nearest range that is: \"{nearest}\"");

    [Theory]
    [InlineData(-1, 1, "first: -1 is outside 0 to 999999999999999999")]
    [InlineData(1_000_000_000_000_000_000, 1, "first: 1000000000000000000 is outside 0 to 999999999999999999")]
    [InlineData(1, 0, "granularity: 0 is outside 1 to 100000000000000")]
    [InlineData(1, 100_000_000_000_001, "granularity: 100000000000001 is outside 1 to 100000000000000")]
    public void Says_which_numbers_there_can_be(long first, long granularity, string expected)
    {
        Assert.False(Tablets.TryCreate(first, granularity, out var tablets, out var error));
        Assert.Null(tablets);
        Assert.Equal(expected, error);
    }

    private static IEnumerable<long> Distances(Tablets tablets, long id) => Enumerable.Range(0, 300).Select(t => Math.Abs(tablets.Ids(t).First - id));

    private static void AssertRefused(string text, string expected)
    {
        Assert.True(IdRange.TryParse(text, out var ids, out _));
        Assert.False(Make(1, 1000).TrySlots(ids, out _, out var error));
        Assert.Equal(expected, error);
    }

    private static Tablets Make(long first, long granularity)
    {
        Assert.True(Tablets.TryCreate(first, granularity, out var tablets, out var error), error);
        return tablets;
    }
}
