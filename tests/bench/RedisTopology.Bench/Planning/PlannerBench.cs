using RedisTopology.Bench.Report;
using RedisTopology.Core.Planning;

namespace RedisTopology.Bench.Planning;

/// <summary>d: what a plan of a settled cluster costs, since each cluster is planned at least every 15 s.</summary>
internal static class PlannerBench
{
    private static readonly ClusterShape[] Shapes = [new(3, 1), new(100, 2), new(256, 2)];

    public static void Run(BenchOptions options)
    {
        var table = new ResultTable("planner. TopologyPlanner.Plan of a settled cluster");
        foreach (var shape in Shapes)
        {
            var (desired, observed) = SettledTopology.Of(shape);
            if (!TopologyPlanner.Plan(desired, observed).IsSettled)
                throw new InvalidOperationException($"{shape} is not settled: {TopologyPlanner.Plan(desired, observed)}");
            var clock = TimeProvider.System;
            var warmed = clock.GetTimestamp();
            while (clock.GetElapsedTime(warmed) < TimeSpan.FromSeconds(1))
                TopologyPlanner.Plan(desired, observed);

            var runs = Math.Max(options.Runs, shape.Pods < 100 ? 2000 : 30);
            var times = new List<double>(runs);
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < runs; i++)
            {
                var start = clock.GetTimestamp();
                TopologyPlanner.Plan(desired, observed);
                times.Add(clock.GetElapsedTime(start).TotalMicroseconds);
            }

            allocated = (GC.GetAllocatedBytesForCurrentThread() - allocated) / runs;
            table.Add($"{shape}, {shape.Pods} pods: median of {runs}", $"{Statistics.Median(times) / 1000:0.000} ms, best {times.Min() / 1000:0.000} ms, {allocated / 1024.0:0.0} KiB allocated");
        }

        table.Note($"Every node knows every other, so a plan looks at pods² views; one thread, memory already warm.");
        table.Print();
    }
}
