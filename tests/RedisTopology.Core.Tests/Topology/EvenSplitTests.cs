using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Topology;

public sealed class EvenSplitTests
{
    // The last slot of each shard, as `redis-cli --cluster create` prints them (7.0.15).
    [Theory]
    [InlineData(1, "0-16383")]
    [InlineData(2, "0-8191 8192-16383")]
    [InlineData(3, "0-5460 5461-10922 10923-16383")]
    [InlineData(4, "0-4095 4096-8191 8192-12287 12288-16383")]
    [InlineData(5, "0-3276 3277-6553 6554-9829 9830-13106 13107-16383")]
    [InlineData(6, "0-2730 2731-5460 5461-8191 8192-10922 10923-13652 13653-16383")]
    public void Has_the_boundaries_redis_cli_prints(int count, string ranges)
    {
        var split = DesiredTopology.EvenSplit(count);
        Assert.Equal(ranges.Split(' '), split.Select(s => s.Slots.ToString()));
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"s{i}"), split.Select(s => s.Name));
    }

    [Theory]
    [MemberData(nameof(UpTo16))]
    public void Follows_the_loop_of_redis_cli(int count)
    {
        // redis-cli.c, clusterManagerCommandCreate: a cursor in float steps, rounded by lround; the last shard ends at the last slot.
        var perNode = (float)16384 / count;
        float cursor = 0;
        var first = 0;
        var expected = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var last = (int)Math.Round(cursor + perNode - 1, MidpointRounding.AwayFromZero);
            if (last > 16383 || i == count - 1)
                last = 16383;
            last = Math.Max(last, first);
            expected.Add($"{first}-{last}");
            first = last + 1;
            cursor += perNode;
        }

        Assert.Equal(expected, DesiredTopology.EvenSplit(count).Select(s => s.Slots.ToString()));
    }

    [Theory]
    [MemberData(nameof(Counts))]
    public void Tiles_the_slots_with_sizes_that_differ_by_at_most_one(int count)
    {
        var split = DesiredTopology.EvenSplit(count);
        Assert.Equal(count, split.Length);
        var next = 0;
        foreach (var (_, slots) in split)
        {
            var range = Assert.Single(slots.Ranges);
            Assert.Equal(next, range.First);
            next = range.Last + 1;
            Assert.InRange(slots.Count, 16384 / count, ((16384 - 1) / count) + 1);
        }

        Assert.Equal(16384, next);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16385)]
    public void Refuses_what_cannot_be_split(int count) => Assert.Throws<ArgumentOutOfRangeException>(() => DesiredTopology.EvenSplit(count));

    public static TheoryData<int> UpTo16() => [.. Enumerable.Range(1, 16)];

    public static TheoryData<int> Counts() => [.. Enumerable.Range(1, 200), 1000, 5461, 16383, 16384];
}
