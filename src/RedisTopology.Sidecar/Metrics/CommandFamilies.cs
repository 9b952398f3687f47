using System.Globalization;
using RedisTopology.Sidecar.Commands;

namespace RedisTopology.Sidecar.Metrics;

/// <summary>The metrics of commands and what became of them.</summary>
internal static class CommandFamilies
{
    private static readonly string[] Classes = [.. Enum.GetNames<CommandClass>().Select(n => n.ToLowerInvariant())];
    private static readonly string[] Bounds =
        [.. Enumerable.Range(0, LatencyHistogram.Buckets - 1).Select(b => (LatencyHistogram.UpperBound(b) / 1e6).ToString("0.######", CultureInfo.InvariantCulture)), "+Inf"];

    public static IReadOnlyList<MetricFamily> All { get; } =
    [
        new("commands_total", "counter", "Commands taken from clients.", Commands) { Labels = "command" },
        new("command_duration_seconds", "histogram", "From the last byte of a command to the first of its reply, by class of command and by shard (its number: see shard_info).", Durations) { Labels = "class, shard" },
        MetricFamilies.Sum("error_replies_total", "counter", "Error replies given to clients, whoever made them.", l => l.ErrorReplies),
        MetricFamilies.Sum("replica_reads_total", "counter", "Reads served by a replica.", l => l.ReplicaReads),
        MetricFamilies.Sum("fresh_reads_total", "counter", "Reads that went to the master because the key had just been written.", l => l.FreshReads),
        new("redirects_total", "counter", "Redirects of servers that were followed.", Redirects) { Labels = "kind" },
        MetricFamilies.Sum("retries_total", "counter", "Commands sent again: after TRYAGAIN, LOADING, MASTERDOWN, CLUSTERDOWN, READONLY, or a lost connection.", l => l.Retries),
        MetricFamilies.Sum("uncertain_total", "counter", "Commands whose client was told that they may have been executed.", l => l.Uncertain),
        MetricFamilies.Sum("waiting_commands", "gauge", "Commands that wait for a master now (failoverBuffer).", l => l.Waiting),
        MetricFamilies.Sum("waiting_bytes", "gauge", "Bytes of the commands that wait for a master now.", l => l.WaitingBytes),
    ];

    private static void Commands(MetricSources sources, MetricWriter writer)
    {
        foreach (var command in CommandTable.All)
        {
            var count = sources.Loops.Sum(l => l.Commands[command.Id]);
            if (count > 0)
                writer.Sample(count, ("command", command.Name));
        }

        writer.Sample(sources.Loops.Sum(l => l.UnknownCommands), ("command", "unknown"));
    }

    private static void Redirects(MetricSources sources, MetricWriter writer)
    {
        writer.Sample(sources.Loops.Sum(l => l.Moved), ("kind", "moved"));
        writer.Sample(sources.Loops.Sum(l => l.Asked), ("kind", "ask"));
    }

    private static void Durations(MetricSources sources, MetricWriter writer)
    {
        for (var kind = 0; kind < Classes.Length; kind++)
        {
            for (var shard = 0; shard < LoopMetrics.MaxShards; shard++)
            {
                var histograms = sources.Loops.Select(l => l.Find(shard, (CommandClass)kind)).OfType<LatencyHistogram>().ToList();
                if (histograms.Count == 0)
                    continue;
                var (cumulative, number) = (0L, shard.ToString(CultureInfo.InvariantCulture));
                for (var bucket = 0; bucket < LatencyHistogram.Buckets; bucket++)
                {
                    cumulative += histograms.Sum(h => h.Count(bucket));
                    writer.Sample("_bucket", cumulative, ("class", Classes[kind]), ("shard", number), ("le", Bounds[bucket]));
                }

                writer.Sample("_sum", histograms.Sum(h => h.SumMicroseconds) / 1e6, ("class", Classes[kind]), ("shard", number));
                writer.Sample("_count", cumulative, ("class", Classes[kind]), ("shard", number));
            }
        }
    }
}
