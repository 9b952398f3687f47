using System.CommandLine;
using RedisTopology.Cli.Clusters;
using RedisTopology.Cli.Hosting;
using RedisTopology.Cli.Servers;
using Spectre.Console;

namespace RedisTopology.Cli.Status;

/// <summary><c>status [NAME]</c>: a cluster with its shards, servers and conditions; without a name, where there are several, one line for each.</summary>
internal static class StatusCommand
{
    public static Command Create(CliContext context)
    {
        var name = new Argument<string?>("NAME") { Description = "Name of the CacheCluster; the namespace's only one, or a list, when absent.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all-namespaces", "-A") { Description = "List the clusters of all namespaces." };
        var statusOnly = GlobalOptions.StatusOnly();
        var command = new Command("status", "Show a cluster: shards, ranges, master, replicas, lag, memory, keys, operations and conditions.") { name, all, statusOnly };
        command.SetSessionAction(context, async (parsed, session, cancel) =>
        {
            var json = parsed.GetValue(GlobalOptions.Output) == OutputFormat.Json;
            var wanted = parsed.GetValue(name);
            if (wanted is null)
            {
                var clusters = await ClusterReader.ListAsync(session, parsed.GetValue(all) ? null : session.Namespace, cancel);
                if (clusters.Count != 1 || parsed.GetValue(all))
                    return List(context, session, [.. clusters.Select(c => ClusterViewBuilder.Build(c, [], ServerReports.None))], json, parsed.GetValue(all));
            }

            var view = await ReadAsync(context, session, wanted, parsed.GetValue(statusOnly), cancel);
            if (json)
                context.WriteJson(view);
            else
                StatusPage.Write(context.Console, view, context.Time.GetUtcNow());
            return ExitCodes.Done;
        });
        return command;
    }

    /// <summary>Reads a cluster and asks its servers.</summary>
    public static async Task<ClusterView> ReadAsync(CliContext context, KubeSession session, string? name, bool statusOnly, CancellationToken cancel)
    {
        var cluster = await ClusterReader.GetAsync(session, name, cancel);
        var pods = await ClusterReader.PodsAsync(session, cluster, cancel);
        var reports = statusOnly ? ServerReports.None : await ServerReader.AskAsync(session, pods, context.Time, cancel);
        return ClusterViewBuilder.Build(cluster, pods, reports);
    }

    private static int List(CliContext context, KubeSession session, IReadOnlyList<ClusterView> views, bool json, bool allNamespaces)
    {
        if (json)
        {
            context.WriteJson(views);
            return ExitCodes.Done;
        }

        if (views.Count == 0)
        {
            context.Console.WriteLine(allNamespaces ? "There are no CacheClusters." : $"There are no CacheClusters in namespace {session.Namespace}; -A looks in all.");
            return ExitCodes.Done;
        }

        var table = new Table().NoBorder();
        foreach (var column in new[] { "NAMESPACE", "NAME", "PHASE", "SHARDS", "PODS", "SLOTS", "KEYS", "MEMORY", "ENGINE" })
            table.AddColumn(new TableColumn($"[dim]{column}[/]") { NoWrap = true, Padding = new Padding(0, 0, 2, 0) });
        foreach (var view in views.OrderBy(v => v.Namespace, StringComparer.Ordinal).ThenBy(v => v.Name, StringComparer.Ordinal))
        {
            table.AddRow([.. new[]
            {
                view.Namespace, view.Name, view.Phase ?? "-", Human.Number(view.Shards.Count), view.Ready ?? "-", view.SlotsCovered ?? "-", Human.Number(view.Keys), Human.Bytes(view.UsedMemory), view.Engine ?? "-",
            }.Select(Markup.Escape)]);
        }

        context.Console.Write(table);
        return ExitCodes.Done;
    }
}
