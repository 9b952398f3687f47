using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using RedisTopology.Cli.Clusters;
using RedisTopology.Cli.Hosting;
using RedisTopology.Cli.Servers;
using RedisTopology.Cli.Status;
using Spectre.Console;

namespace RedisTopology.Cli.Failover;

/// <summary>
/// <c>failover SHARD</c>: asks the operator for a graceful switchover, and watches it. The command itself orders nothing at the servers: only the operator knows whether a
/// roll, a reshard or another failover is under way, and two who order failovers are one too many.
/// </summary>
internal static class FailoverCommand
{
    /// <summary>The annotation the operator reads: <c>shard from to|- until</c>.</summary>
    public const string Annotation = CacheClusterResource.Group + "/switchover";

    /// <summary>After this the operator ignores the order, whatever became of whoever gave it.</summary>
    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(2);

    public static Command Create(CliContext context)
    {
        var shard = new Argument<string>("SHARD") { Description = "Name of the shard whose master is to hand over." };
        var cluster = GlobalOptions.Cluster();
        var to = new Option<string?>("--to") { Description = "Pod that is to take over; the replica that is furthest when absent." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var wait = new Option<int>("--wait") { Description = "How long to wait for it, seconds.", DefaultValueFactory = _ => 60 };
        var command = new Command("failover", "Hand a shard over to one of its replicas, gracefully: the operator does it, and nothing acknowledged is lost.") { shard, cluster, to, yes, wait };
        command.SetSessionAction(context, async (parsed, session, cancel) =>
        {
            var before = await StatusCommand.ReadAsync(context, session, parsed.GetValue(cluster), statusOnly: true, cancel);
            var (from, successor) = Check(before, parsed.GetValue(shard)!, parsed.GetValue(to));
            if (!parsed.GetValue(yes) && !Confirm(context, parsed.GetValue(shard)!, from, successor))
                return ExitCodes.Problem;

            var until = context.Time.GetUtcNow() + Validity;
            var order = string.Create(CultureInfo.InvariantCulture, $"{parsed.GetValue(shard)} {from} {successor ?? "-"} {until:yyyy-MM-ddTHH:mm:ssZ}");
            await AnnotateAsync(session, before, order, cancel);
            var began = context.Time.GetTimestamp();
            try
            {
                var master = await FollowAsync(context, session, before, parsed.GetValue(shard)!, from, TimeSpan.FromSeconds(parsed.GetValue(wait)), cancel);
                return Report(context, parsed, parsed.GetValue(shard)!, from, master, context.Time.GetElapsedTime(began));
            }
            finally
            {
                // Fulfilled or given up: it would be ignored soon anyway.
                await AnnotateAsync(session, before, null, CancellationToken.None);
            }
        });
        return command;
    }

    /// <summary>What can be known beforehand: there is such a shard, it has a master, and somebody to take over.</summary>
    /// <exception cref="CliException">It cannot be done.</exception>
    public static (string From, string? To) Check(ClusterView view, string shard, string? to)
    {
        var found = view.Shards.FirstOrDefault(s => s.Name == shard)
            ?? throw new CliException(ExitCodes.NotFound, $"{view.Name} has no shard {shard}.", $"It has: {string.Join(", ", view.Shards.Select(s => s.Name))}.");
        var master = found.Master ?? throw new CliException(ExitCodes.Problem, $"Shard {shard} has no master that could hand over.", "See \"kubectl cache status\"; the operator, or the servers themselves, promote a replica when it is safe.");
        var replicas = found.Servers.Where(s => s.Role == "replica").ToList();
        if (to == master.Pod)
            throw new CliException(ExitCodes.Problem, $"{to} is the master of shard {shard} already.");
        if (to is not null && replicas.All(r => r.Pod != to))
            throw new CliException(ExitCodes.NotFound, $"{to} is no replica of shard {shard}.", $"It has: {(replicas.Count == 0 ? "none" : string.Join(", ", replicas.Select(r => r.Pod)))}.");
        if (replicas.Count == 0)
            throw new CliException(ExitCodes.Problem, $"Shard {shard} has no replica to hand over to.", "Add one: spec.replicas.");
        return replicas.All(r => r.Link is not null and not "up")
            ? throw new CliException(ExitCodes.Problem, $"No replica of shard {shard} is in sync.", "Wait until one is: \"kubectl cache status\".")
            : (master.Pod, to);
    }

    private static bool Confirm(CliContext context, string shard, string from, string? to)
    {
        if (!context.IsInteractive)
            throw new CliException(ExitCodes.Usage, "There is nobody to ask.", "Say --yes.");
        context.Output.Write($"Shard {shard}: {from} hands over to {to ?? "its best replica"}. Writes to it wait for some hundred milliseconds. Go on? [y/N] ");
        return context.Input.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    private static async Task<string?> FollowAsync(CliContext context, KubeSession session, ClusterView before, string shard, string from, TimeSpan limit, CancellationToken cancel)
    {
        var began = context.Time.GetTimestamp();
        while (context.Time.GetElapsedTime(began) < limit)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500), context.Time, cancel);
            var now = ClusterViewBuilder.Build(await ClusterReader.GetAsync(session, before.Name, cancel), [], ServerReports.None);
            if (now.Shards.FirstOrDefault(s => s.Name == shard)?.Master is { } master && master.Pod != from)
                return master.Pod;
        }

        return null;
    }

    private static int Report(CliContext context, ParseResult parsed, string shard, string from, string? to, TimeSpan took)
    {
        if (parsed.GetValue(GlobalOptions.Output) == OutputFormat.Json)
            context.WriteJson(new { shard, from, to, done = to is not null, seconds = Math.Round(took.TotalSeconds, 1) });
        else if (to is not null)
            context.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Shard {shard}: {to} is the master, {took.TotalSeconds:0.0} s after it was asked for."));
        if (to is not null)
            return ExitCodes.Done;
        throw new CliException(
            ExitCodes.Problem, $"Shard {shard} is still led by {from}, and the order is withdrawn.", "\"kubectl cache doctor\" says whether an operator leads, and \"kubectl describe cc\" what it waits for.");
    }

    private static async Task AnnotateAsync(KubeSession session, ClusterView cluster, string? order, CancellationToken cancel)
    {
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Annotation] = order } } };
        await session.Client.CustomObjects.PatchNamespacedCustomObjectAsync(
            new V1Patch(patch.ToJsonString(), V1Patch.PatchType.MergePatch),
            CacheClusterResource.Group, CacheClusterResource.Version, cluster.Namespace, CacheClusterResource.Plural, cluster.Name, cancellationToken: cancel);
    }
}
