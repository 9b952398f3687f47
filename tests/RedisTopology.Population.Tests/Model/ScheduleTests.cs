using System.Globalization;
using RedisTopology.Population.Tests.Support;

namespace RedisTopology.Population.Tests.Model;

/// <summary>Seeded schedules of readers, writers, crashes, evictions, failovers and replica lag. REDIS_TOPOLOGY_SCHEDULES sets how many; default 100,000.</summary>
[Collection(nameof(QuietGroup))]
public sealed class ScheduleTests(ITestOutputHelper output)
{
    private static readonly int Count = int.TryParse(Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_SCHEDULES"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 100_000;

    [Fact]
    public void No_schedule_stores_an_old_value_and_none_gives_one_to_a_reader()
    {
        var (stale, loads, worst) = Sum(Count, naive: false);
        output.WriteLine($"{Count} schedules: {stale} stale fills, {loads} stale loads");
        Assert.True(stale + loads == 0, $"{stale} stale fills and {loads} stale loads; one of them in schedule {worst}");
    }

    [Fact]
    public void The_naive_way_does_in_the_same_schedules()
    {
        var (stale, _, _) = Sum(Count / 20, naive: true);
        output.WriteLine($"{Count / 20} schedules of the naive way: {stale} stale fills");
        Assert.True(stale > 0);
    }

    [Fact]
    public void A_seed_is_a_course()
    {
        for (var seed = 0; seed < 50; seed++)
            Assert.Equal(Course(seed), Course(seed));

        static int Course(int seed)
        {
            var schedule = new Schedule(seed, naive: false);
            schedule.Run();
            return schedule.Course;
        }
    }

    private static (int Fills, int Loads, int Worst) Sum(int count, bool naive)
    {
        var (fills, loads, worst) = (0, 0, -1);
        Parallel.For(0, count, seed =>
        {
            var schedule = new Schedule(seed, naive);
            schedule.Run();
            if (schedule.StaleFills + schedule.StaleLoads == 0)
                return;
            Interlocked.Add(ref fills, schedule.StaleFills);
            Interlocked.Add(ref loads, schedule.StaleLoads);
            Volatile.Write(ref worst, seed);
        });
        return (fills, loads, worst);
    }
}
