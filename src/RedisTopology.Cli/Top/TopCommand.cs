using System.CommandLine;
using System.Globalization;
using RedisTopology.Cli.Clusters;
using RedisTopology.Cli.Hosting;
using RedisTopology.Cli.Servers;
using RedisTopology.Core.Topology;
using Spectre.Console;

namespace RedisTopology.Cli.Top;

/// <summary><c>top [NAME]</c>: what each server is doing, again and again.</summary>
internal static class TopCommand
{
    public static Command Create(CliContext context)
    {
        var name = new Argument<string?>("NAME") { Description = "Name of the CacheCluster; the namespace's only one when absent.", Arity = ArgumentArity.ZeroOrOne };
        var once = new Option<bool>("--once") { Description = "Show it once and end." };
        var interval = new Option<int>("--interval") { Description = "Seconds between two looks.", DefaultValueFactory = _ => 2 };
        var command = new Command("top", "Show what each server is doing: operations, hits, memory, clients, traffic. Until Ctrl-C, or once.") { name, once, interval };
        command.SetSessionAction(context, async (parsed, session, cancel) =>
        {
            var cluster = await ClusterReader.GetAsync(session, parsed.GetValue(name), cancel);
            if (parsed.GetValue(once) || parsed.GetValue(GlobalOptions.Output) == OutputFormat.Json)
                return await OnceAsync(context, parsed, session, cluster, cancel);
            return await LiveAsync(context, session, cluster, TimeSpan.FromSeconds(Math.Max(1, parsed.GetValue(interval))), cancel);
        });
        return command;
    }

    private static async Task<int> OnceAsync(CliContext context, ParseResult parsed, KubeSession session, CacheClusterResource cluster, CancellationToken cancel)
    {
        var reports = await AskAsync(context, session, cluster, cancel);
        if (parsed.GetValue(GlobalOptions.Output) == OutputFormat.Json)
        {
            context.WriteJson(new
            {
                cluster = cluster.Metadata.Name,
                servers = reports.ByPod.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => new
                {
                    pod = r.Key,
                    role = r.Value.Role,
                    opsPerSecond = r.Value.OpsPerSecond,
                    keys = r.Value.Keys,
                    usedMemory = r.Value.UsedMemory,
                    maxMemory = r.Value.MaxMemory,
                    clients = r.Value.Clients,
                    hits = r.Value.Hits,
                    misses = r.Value.Misses,
                    evicted = r.Value.Evicted,
                    inputKiB = r.Value.InputKiB,
                    outputKiB = r.Value.OutputKiB,
                }),
                silent = reports.Silent,
            });
        }
        else
        {
            context.Console.Write(Page(cluster.Metadata.Name, reports, null, TimeSpan.Zero));
        }

        return ExitCodes.Done;
    }

    private static async Task<int> LiveAsync(CliContext context, KubeSession session, CacheClusterResource cluster, TimeSpan interval, CancellationToken cancel)
    {
        var last = await AskAsync(context, session, cluster, cancel);
        var at = context.Time.GetTimestamp();
        await context.Console.Live(Page(cluster.Metadata.Name, last, null, TimeSpan.Zero)).StartAsync(async live =>
        {
            live.Refresh();
            while (true)
            {
                await Task.Delay(interval, context.Time, cancel);
                var now = await AskAsync(context, session, cluster, cancel);
                live.UpdateTarget(Page(cluster.Metadata.Name, now, last, context.Time.GetElapsedTime(at)));
                (last, at) = (now, context.Time.GetTimestamp());
            }
        });
        return ExitCodes.Done;
    }

    /// <exception cref="CliException">No server can be asked.</exception>
    private static async Task<ServerReports> AskAsync(CliContext context, KubeSession session, CacheClusterResource cluster, CancellationToken cancel)
    {
        var reports = await ServerReader.AskAsync(session, await ClusterReader.PodsAsync(session, cluster, cancel), context.Time, cancel);
        return reports.ByPod.Count > 0 ? reports : throw new CliException(
            ExitCodes.Unreachable, $"No server could be asked: {reports.WhyNone ?? "there are no pods"}", "\"kubectl cache status --status-only\" shows what the operator knows; \"kubectl cache doctor\" says what is missing.");
    }

    /// <summary>With two looks, rates are those between them; with one, what the servers average themselves.</summary>
    internal static Table Page(string name, ServerReports reports, ServerReports? last, TimeSpan since)
    {
        var table = new Table().NoBorder().Title($"[bold]{Markup.Escape(name)}[/]", Style.Plain);
        foreach (var column in new[] { "POD", "ROLE", "OPS/S", "HITS", "KEYS", "MEMORY", "OF", "EVICTED", "CLIENTS", "IN KiB/S", "OUT KiB/S", "UP" })
            table.AddColumn(new TableColumn($"[dim]{column}[/]") { NoWrap = true, Alignment = column is "POD" or "ROLE" ? Justify.Left : Justify.Right, Padding = new Padding(0, 0, 2, 0) });
        foreach (var (pod, now) in reports.ByPod.OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            var before = last?.ByPod.GetValueOrDefault(pod) is { } found && found.Uptime <= now.Uptime && since > TimeSpan.Zero ? found : null;
            var (hits, misses) = (now.Hits - (before?.Hits ?? 0), now.Misses - (before?.Misses ?? 0));
            table.AddRow([.. new[]
            {
                pod, now.Role == NodeRole.Master ? "master" : "replica",
                Human.Number(before is null ? now.OpsPerSecond : (long)((now.Commands - before.Commands) / since.TotalSeconds)),
                Human.Percent(hits, hits + misses), Human.Number(now.Keys), Human.Bytes(now.UsedMemory), Human.Percent(now.UsedMemory, now.MaxMemory), Human.Number(now.Evicted),
                Human.Number(now.Clients), now.InputKiB.ToString("0.0", CultureInfo.InvariantCulture), now.OutputKiB.ToString("0.0", CultureInfo.InvariantCulture), Human.Age(TimeSpan.FromSeconds(now.Uptime)),
            }.Select(Markup.Escape)]);
        }

        foreach (var (pod, why) in reports.Silent.OrderBy(s => s.Key, StringComparer.Ordinal))
            table.AddRow(Markup.Escape(pod), $"[red]{Markup.Escape(why)}[/]");
        return table;
    }
}
