using System.Collections.Immutable;
using RedisTopology.Core.Topology;
using StackExchange.Redis;
using SlotRange = RedisTopology.Core.Topology.SlotRange;

namespace RedisTopology.Operator.Redis;

/// <summary>
/// Reads what servers say of atomic slot migrations: <c>CLUSTER GETSLOTMIGRATIONS</c> of Valkey 9.0 and newer, <c>CLUSTER MIGRATION STATUS ALL</c> of Redis 8.4 and newer. Both are lists
/// of fields with values, of migrations under way and of past ones.
/// </summary>
internal static class JobParser
{
    /// <summary>The command that lists them.</summary>
    /// <param name="way">What the server can do.</param>
    /// <returns>Arguments of <c>CLUSTER</c>.</returns>
    public static object[] Question(SlotMigration way) => way == SlotMigration.FromSource ? ["GETSLOTMIGRATIONS"] : ["MIGRATION", "STATUS", "ALL"];

    /// <summary>Reads the reply.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="way">What the server can do.</param>
    /// <returns>The migrations of which it is one of the ends, newest first.</returns>
    /// <exception cref="FormatException">The reply is not of the expected form.</exception>
    public static ImmutableArray<JobReport> Parse(RedisResult reply, SlotMigration way)
    {
        if (reply.Resp2Type != ResultType.Array || reply.IsNull)
            throw new FormatException("the list of slot migrations is no array");
        var reports = ImmutableArray.CreateBuilder<JobReport>();
        foreach (var entry in (RedisResult[])reply!)
        {
            if (Fields(entry) is { } fields && Read(fields, way) is { } report)
                reports.Add(report);
        }

        return reports.ToImmutable();
    }

    private static JobReport? Read(Dictionary<string, string> fields, SlotMigration way)
    {
        var valkey = way == SlotMigration.FromSource;
        // A replica of Valkey lists what happens at its master, without naming the ends.
        if (!fields.TryGetValue(valkey ? "source_node" : "source", out var source) || !fields.TryGetValue(valkey ? "target_node" : "dest", out var target))
            return null;
        var job = new SlotMigrationJob(fields.GetValueOrDefault(valkey ? "name" : "id", ""), source, target, Slots(fields.GetValueOrDefault(valkey ? "slot_ranges" : "slots", "")));
        var error = fields.GetValueOrDefault(valkey ? "message" : "last_error", "");
        return new JobReport(job, State(fields.GetValueOrDefault("state", ""), valkey), error.Length > 0 ? error : null);
    }

    private static JobState State(string state, bool valkey) => state switch
    {
        "success" or "completed" => JobState.Done,
        "cancelled" or "canceled" => JobState.Cancelled,
        // Redis tries again by itself, every second, until it is told to stop.
        "failed" => valkey ? JobState.Failed : JobState.Running,
        _ => JobState.Running,
    };

    private static SlotSet Slots(string text) => SlotSet.Of(text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(r => SlotRange.TryParse(r, out var range, out var error) ? range : throw new FormatException(error)));

    private static Dictionary<string, string>? Fields(RedisResult entry)
    {
        if (entry.Resp2Type != ResultType.Array || entry.IsNull)
            return null;
        var parts = (RedisResult[])entry!;
        var fields = new Dictionary<string, string>();
        for (var i = 0; i + 1 < parts.Length; i += 2)
            fields[parts[i].ToString()] = parts[i + 1].ToString();
        return fields;
    }
}
