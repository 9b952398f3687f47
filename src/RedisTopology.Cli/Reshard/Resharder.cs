using System.Collections.Immutable;
using System.Text.Json.Nodes;
using RedisTopology.Cli.Clusters;
using RedisTopology.Cli.Hosting;
using RedisTopology.Cli.Status;
using RedisTopology.Cli.Where;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;

namespace RedisTopology.Cli.Reshard;

/// <summary>
/// The operator's own planner, asked what it would do: where each slot is to stand comes from <see cref="SlotTargets"/>, given where it stands. Pure.
/// </summary>
internal static class Resharder
{
    /// <summary>Plans a change to a number of shards, or to named ranges.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="view">What it looks like now.</param>
    /// <param name="count">The number of shards; null when ranges are given.</param>
    /// <param name="shards">Names and ranges, <c>name=0-100,200</c>; empty when a number is given.</param>
    /// <exception cref="CliException">The proposal makes no sense.</exception>
    public static ReshardPlan Plan(CacheClusterResource cluster, ClusterView view, int? count, IReadOnlyList<string> shards)
    {
        var wanted = count is { } number ? Even(number, cluster) : Named(shards, cluster);
        var desired = new DesiredTopology(wanted, TimeSpan.FromSeconds(5)) { Placement = count is null ? SlotPlacement.Explicit : SlotPlacement.Balanced };
        var standing = view.Shards.ToDictionary(s => s.Name, s => KeyFinder.SlotsOf(s.Ranges));
        if (standing.Values.Sum(s => s.Count) < SlotSet.All.Count)
            throw new CliException(ExitCodes.Problem, "Not every slot has an owner that is known; what would be moved cannot be said.", "See \"kubectl cache status\", and try again when the cluster is Ready.");

        var targets = SlotTargets.Of(desired, TopologyView.Of(Observed(view, standing), desired));
        var moves = (from source in standing
                     from target in wanted
                     where target.Name != source.Key
                     let slots = source.Value.Intersect(targets.For(target.Name))
                     where !slots.IsEmpty
                     select Move(view.Shards.First(s => s.Name == source.Key), target.Name, slots)).ToList();
        var after = wanted.Select(s => s.Name).ToHashSet();
        var rows = view.Shards.Select(s => s.Name).Union(wanted.Select(s => s.Name)).Select(name => Row(name, view, targets, moves)).ToList();
        return new ReshardPlan
        {
            Cluster = view.Name,
            Namespace = view.Namespace,
            Moves = [.. moves.OrderBy(m => m.From, StringComparer.Ordinal).ThenBy(m => m.To, StringComparer.Ordinal)],
            Added = [.. wanted.Select(s => s.Name).Where(n => !standing.ContainsKey(n))],
            Removed = [.. standing.Keys.Where(n => !after.Contains(n)).Order(StringComparer.Ordinal)],
            Shards = rows,
            Patch = Patch(count, wanted).ToJsonString(),
            Warnings = [.. Warnings(view, rows, after, cluster)],
        };
    }

    private static ImmutableArray<DesiredShard> Even(int count, CacheClusterResource cluster)
    {
        if (count is < 1 or > 256)
            throw new CliException(ExitCodes.Usage, $"{count} shards are outside 1 to 256.");
        return [.. DesiredTopology.EvenSplit(count).Select(s => new DesiredShard(s.Name, s.Slots, cluster.Replicas(s.Name)))];
    }

    private static ImmutableArray<DesiredShard> Named(IReadOnlyList<string> shards, CacheClusterResource cluster)
    {
        var result = ImmutableArray.CreateBuilder<DesiredShard>();
        var covered = SlotSet.Empty;
        foreach (var text in shards)
        {
            if (text.Split('=') is not [{ Length: > 0 } name, { Length: > 0 } list])
                throw new CliException(ExitCodes.Usage, $"\"{text}\" is no shard: write name=ranges, for example hot=0-2047,4096-5000.");
            var slots = SlotSet.Empty;
            foreach (var part in list.Split(','))
            {
                if (!SlotRange.TryParse(part, out var range, out var error))
                    throw new CliException(ExitCodes.Usage, $"{name}: {error}.");
                slots = slots.Union(SlotSet.Of(range));
            }

            if (covered.Intersect(slots) is { IsEmpty: false } twice)
                throw new CliException(ExitCodes.Usage, $"Slots {twice.ToBriefString()} are given to {name} and to another shard.");
            covered = covered.Union(slots);
            result.Add(new DesiredShard(name, slots, cluster.Replicas(name)));
        }

        return covered.Count == SlotSet.All.Count ? result.ToImmutable() : throw new CliException(ExitCodes.Usage, $"Slots {covered.Complement().ToBriefString()} are given to no shard: together they must be 0-16383.");
    }

    /// <summary>As the planner would observe it: one live master for each shard, in its place.</summary>
    private static ObservedTopology Observed(ClusterView view, Dictionary<string, SlotSet> standing) => new()
    {
        Shards = [.. standing.Keys.Select(n => new ObservedShard(n, 1))],
        Pods = [.. view.Shards.Select(s => new ObservedPod
        {
            Name = s.Master?.Pod ?? s.Name,
            Shard = s.Name,
            Ordinal = 0,
            Node = new ObservedNode
            {
                Id = s.Name,
                Role = NodeRole.Master,
                Slots = standing[s.Name],
                ConfigEpoch = 1,
                UsedMemory = s.Master?.UsedMemory ?? 0,
                MaxMemory = s.Master?.MaxMemory ?? 0,
            },
        })],
    };

    private static ReshardMove Move(ShardView source, string target, SlotSet slots) => new(
        source.Name, target, slots.ToString(), slots.Count, Share(source.Master?.UsedMemory, slots.Count, source.Slots), Share(source.Master?.Keys, slots.Count, source.Slots));

    private static long? Share(long? whole, int part, int of) => whole is { } value && of > 0 ? value * part / of : null;

    private static ReshardPlan.ShardAfter Row(string name, ClusterView view, SlotTargets targets, List<ReshardMove> moves)
    {
        var now = view.Shards.FirstOrDefault(s => s.Name == name);
        var bytes = (now?.Master?.UsedMemory ?? 0) - moves.Where(m => m.From == name).Sum(m => m.Bytes ?? 0) + moves.Where(m => m.To == name).Sum(m => m.Bytes ?? 0);
        return new ReshardPlan.ShardAfter(name, now?.Slots ?? 0, targets.For(name).Count, bytes);
    }

    private static IEnumerable<string> Warnings(ClusterView view, List<ReshardPlan.ShardAfter> rows, HashSet<string> after, CacheClusterResource cluster)
    {
        var bound = view.Shards.Select(s => s.Master?.MaxMemory ?? 0).DefaultIfEmpty().Max();
        foreach (var row in rows.Where(r => after.Contains(r.Name) && bound > 0 && r.Bytes > bound))
            yield return $"shard {row.Name} would hold about {Human.Bytes(row.Bytes)}, more than its maxmemory of {Human.Bytes(bound)}: keys would be evicted, or the move would stop (TargetFull)";
        if (view.Migrations.Count > 0)
            yield return "slots are on their way already; the plan is from where they stand at this moment";
        if (cluster.Spec.Sharding.Mode == "KeyRange")
            yield return "this cluster is sharded by key ranges: give its ranges of ids in the spec; the plan here counts slots";
    }

    private static JsonObject Patch(int? count, ImmutableArray<DesiredShard> wanted) => new()
    {
        ["spec"] = new JsonObject
        {
            ["sharding"] = new JsonObject
            {
                ["count"] = count,
                ["shards"] = count is not null ? null : new JsonArray([.. wanted.Select(s => (JsonNode?)new JsonObject
                {
                    ["name"] = s.Name,
                    ["ranges"] = new JsonArray([.. s.Slots.Ranges.Select(r => (JsonNode?)r.ToString())]),
                })]),
            },
        },
    };
}
