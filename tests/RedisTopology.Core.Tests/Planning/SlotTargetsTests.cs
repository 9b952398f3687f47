using CsCheck;
using RedisTopology.Core.Hashing;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning;

/// <summary>Where slots are to stand when the spec gives a number of shards only: evenly, and by no move too many, however often it is planned anew.</summary>
public sealed class SlotTargetsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(7)]
    public void An_even_split_is_left_as_it_is(int shards)
    {
        var situation = Situation.Settled(new int[shards]).Balanced(new int[shards]);
        Assert.True(situation.Plan().IsSettled);
        Assert.All(situation.Desired.Shards, s => Assert.Equal(s.Slots, Targets(situation).For(s.Name)));
    }

    [Fact]
    public void A_fourth_shard_gets_a_quarter_from_the_upper_ends_of_the_others()
    {
        var targets = Targets(Situation.Settled(0, 0, 0, 0).Owning("s0", "0-5460").Owning("s1", "5461-10922").Owning("s2", "10923-16383").Owning("s3", "").Balanced(0, 0, 0, 0));
        Assert.Equal("4096-5460,9557-10922,15019-16383", targets.For("s3").ToString());
        Assert.Equal("0-4095", targets.For("s0").ToString());
    }

    [Fact]
    public void Slots_of_a_shard_that_goes_are_given_first_to_the_one_with_the_most_free_memory()
    {
        var situation = Situation.Settled(0, 0, 0).Balanced(0, 0)
            .WithNode("s0-0", n => n with { MaxMemory = 1600, UsedMemory = 800 }).WithNode("s1-0", n => n with { MaxMemory = 1600, UsedMemory = 100 });
        Assert.Equal("5461-13652", Targets(situation).For("s1").ToString());
    }

    [Fact]
    public void A_slot_that_cannot_be_moved_is_passed_over_when_another_will_do()
    {
        var situation = Situation.Settled(0, 0).Owning("s0", "0-16383").Owning("s1", "").Balanced(0, 0)
            .Also(o => o with { BlockedSlots = o.BlockedSlots.Add(16383, "big") });
        Assert.Equal("8191-16382", Targets(situation).For("s1").ToString());
    }

    [Fact]
    public void Slots_that_nobody_owns_go_back_to_the_shard_that_lost_them()
    {
        // s0 has long given its lower half to s2, which has lost it: the slots do not go to s0, where they would be given at the beginning.
        var situation = Situation.Settled(0, 0, 0).Owning("s0", "2731-5460,10923-13653").Owning("s1", "5461-10922").Owning("s2", "").Balanced(0, 0, 0);
        Assert.Equal("0-2730,13654-16383", Targets(situation).For("s2").ToString());
    }

    [Fact]
    public void A_running_job_goes_on_while_it_leads_to_balance_and_is_the_first_to_be_given_up()
    {
        var job = new SlotMigrationJob("job", "id-s0-0", "id-s1-0", Situation.Slots("100-611"));
        var situation = Situation.Settled(0, 0).Owning("s0", "0-16383").Owning("s1", "").WithNode("s0-0", n => n with { Jobs = [job] });
        Assert.True(job.Slots.Except(Targets(situation.Balanced(0, 0)).For("s1")).IsEmpty);
        Assert.True(Targets(situation.Balanced(0)).For("s1").IsEmpty);
    }

    [Fact]
    public void The_shortest_way_stays_the_shortest_way_while_it_is_gone() => Gen.Int[0, int.MaxValue].Sample(seed =>
    {
        var random = new Random(seed);
        var (before, after) = (1 + random.Next(7), 1 + random.Next(7));
        var owners = new int[HashSlot.Count];
        var at = 0;
        while (at < owners.Length)
        {
            var owner = random.Next(before);
            var end = Math.Min(owners.Length, at + 1 + random.Next(4000));
            Array.Fill(owners, owner, at, end - at);
            at = end;
        }

        var left = -1;
        for (var round = 0; round < 6; round++)
        {
            var targets = Targets(Standing(owners, Math.Max(before, after)).Balanced(new int[after]));
            var wanted = Enumerable.Range(0, after).Select(s => targets.For($"s{s}")).ToList();
            if (!wanted.Aggregate(SlotSet.Empty, (all, s) => all.Union(s)).Equals(SlotSet.All) || wanted.Sum(s => s.Count) != HashSlot.Count)
                return false;
            if (wanted.Max(s => s.Count) - wanted.Min(s => s.Count) > 1)
                return false;
            var moves = wanted.SelectMany((slots, s) => slots.Slots.Where(slot => owners[slot] != s).Select(slot => (slot, s))).ToList();
            if (moves.Count != Fewest(owners, after) || (left >= 0 && moves.Count != left))
                return false;
            var done = moves.Where(_ => random.Next(3) == 0).ToList();
            foreach (var (slot, shard) in done)
                owners[slot] = shard;
            left = moves.Count - done.Count;
        }

        return true;
    }, iter: 50);

    private static int Fewest(int[] owners, int shards)
    {
        var counts = owners.GroupBy(o => o).ToDictionary(g => g.Key, g => g.Count());
        var least = HashSlot.Count / shards;
        var above = Enumerable.Range(0, shards).Select(s => Math.Max(0, counts.GetValueOrDefault(s) - least)).ToList();
        return above.Sum() - Math.Min(above.Count(a => a > 0), HashSlot.Count % shards) + counts.Where(c => c.Key >= shards).Sum(c => c.Value);
    }

    private static Situation Standing(int[] owners, int shards)
    {
        var situation = Situation.Settled(new int[shards]);
        for (var shard = 0; shard < shards; shard++)
        {
            var slots = SlotSet.OfSlots(Enumerable.Range(0, HashSlot.Count).Where(slot => owners[slot] == shard)).ToString();
            situation.Owning($"s{shard}", slots);
        }

        return situation;
    }

    private static SlotTargets Targets(Situation situation) => SlotTargets.Of(situation.Desired, TopologyView.Of(situation.Observed, situation.Desired));
}
