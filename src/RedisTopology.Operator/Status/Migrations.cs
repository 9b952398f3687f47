using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Entities;

namespace RedisTopology.Operator.Status;

/// <summary>What slots are on their way between which shards.</summary>
internal static class Migrations
{
    /// <summary>The longest list of slots, characters.</summary>
    private const int MaxSlots = 1024;

    /// <summary>Builds the list.</summary>
    /// <param name="report">What is known.</param>
    /// <param name="former">The list as last written: progress of less than a fiftieth is no news.</param>
    /// <returns>One entry for each two shards, by name; null when nothing moves.</returns>
    public static List<MigrationStatus>? Build(Report report, IList<MigrationStatus>? former)
    {
        if (report is not { Plan: { } plan, Observed: { } observed })
            return null;
        var remaining = new SortedDictionary<(string From, string To), SlotSet>();
        foreach (var step in plan.Steps.OfType<PlanStep.MoveSlots>())
            Add(ShardOf(observed, step.Source.Id), ShardOf(observed, step.Target.Id), step.Slots);
        foreach (var job in observed.Pods.SelectMany(p => p.Node?.Jobs ?? []))
            Add(ShardOf(observed, job.SourceId), ShardOf(observed, job.TargetId), job.Slots);

        var result = remaining.Select(r => Status(r.Key, r.Value, report, former?.FirstOrDefault(f => (f.From, f.To) == r.Key))).ToList();
        return result.Count > 0 ? result : null;

        void Add(string? from, string? to, SlotSet slots)
        {
            if (from is not null && to is not null)
                remaining[(from, to)] = remaining.GetValueOrDefault((from, to), SlotSet.Empty).Union(slots);
        }
    }

    private static MigrationStatus Status((string From, string To) pair, SlotSet remaining, Report report, MigrationStatus? former)
    {
        var moved = report.Moved.TryGetValue(pair, out var count) ? count : 0;
        var total = moved + remaining.Count;
        if (former is not null && former.Total == total && moved >= former.Moved && (moved - former.Moved) * 50 < total)
            return former;
        var slots = remaining.ToString();
        return new MigrationStatus { From = pair.From, To = pair.To, Slots = slots.Length <= MaxSlots ? slots : slots[..(MaxSlots - 3)] + "...", Moved = moved, Total = total };
    }

    private static string? ShardOf(ObservedTopology observed, string id) => observed.Pods.FirstOrDefault(p => p.Node?.Id == id)?.Shard;
}
