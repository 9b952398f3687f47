using System.CommandLine;
using RedisTopology.Cli.Clusters;
using RedisTopology.Cli.Hosting;
using RedisTopology.Cli.Servers;
using RedisTopology.Cli.Status;
using Spectre.Console;

namespace RedisTopology.Cli.Reshard;

/// <summary><c>reshard</c>: what a change of the shards would move, without doing it.</summary>
internal static class ReshardCommand
{
    public static Command Create(CliContext context)
    {
        var cluster = GlobalOptions.Cluster();
        var count = new Option<int?>("--count") { Description = "The number of shards, with an even part of the slots each." };
        var shards = new Option<string[]>("--shard") { Description = "A shard with its slots, name=0-100,200; once for each shard.", DefaultValueFactory = _ => [] };
        var statusOnly = GlobalOptions.StatusOnly();
        var command = new Command("reshard", "Show what another number of shards, or other ranges, would move: the operator's own plan. Nothing is changed.") { cluster, count, shards, statusOnly };
        command.Validators.Add(result =>
        {
            var (number, named) = (result.GetValue(count), result.GetValue(shards));
            if (number.HasValue == named is { Length: > 0 })
                result.AddError("Say either --count or --shard.");
        });
        command.SetSessionAction(context, async (parsed, session, cancel) =>
        {
            var resource = await ClusterReader.GetAsync(session, parsed.GetValue(cluster), cancel);
            var pods = await ClusterReader.PodsAsync(session, resource, cancel);
            var reports = parsed.GetValue(statusOnly) ? ServerReports.None : await ServerReader.AskAsync(session, pods, context.Time, cancel);
            var plan = Resharder.Plan(resource, ClusterViewBuilder.Build(resource, pods, reports), parsed.GetValue(count), parsed.GetValue(shards)!);
            if (parsed.GetValue(GlobalOptions.Output) == OutputFormat.Json)
                context.WriteJson(plan);
            else
                Write(context.Console, plan);
            return ExitCodes.Done;
        });
        return command;
    }

    internal static void Write(IAnsiConsole console, ReshardPlan plan)
    {
        if (plan.Moves.Count == 0 && plan.Added.Count + plan.Removed.Count == 0)
        {
            console.WriteLine("Nothing would change.");
            return;
        }

        console.Write(Table(["FROM", "TO", "SLOTS", "ABOUT", "KEYS", "RANGES"], plan.Moves.Select(m => new[]
        {
            m.From, m.To, Human.Number(m.Slots), Human.Bytes(m.Bytes), Human.Number(m.Keys), m.Ranges,
        })));
        console.WriteLine();
        console.Write(Table(["SHARD", "SLOTS NOW", "THEN", "ABOUT", ""], plan.Shards.Select(s => new[]
        {
            s.Name, Human.Number(s.Before), Human.Number(s.After), Human.Bytes(s.Bytes), plan.Added.Contains(s.Name) ? "new" : plan.Removed.Contains(s.Name) ? "removed once it is empty" : "",
        })));
        console.WriteLine();
        console.WriteLine($"{Human.Number(plan.Slots)} of 16,384 slots would move, about {Human.Bytes(plan.Bytes)}, while they are served. Nothing was changed. To do it:");
        console.WriteLine();
        // Written past the console: a terminal must not break what is to be copied.
        console.Profile.Out.Writer.WriteLine($"kubectl -n {plan.Namespace} patch cc {plan.Cluster} --type merge -p '{plan.Patch}'");
        foreach (var warning in plan.Warnings)
            console.MarkupLineInterpolated($"[yellow]warning:[/] {warning}");
    }

    private static Table Table(string[] columns, IEnumerable<string[]> rows)
    {
        var table = new Table().NoBorder();
        foreach (var column in columns)
            table.AddColumn(new TableColumn($"[dim]{column}[/]") { NoWrap = column is not ("RANGES" or ""), Alignment = column is "SLOTS" or "ABOUT" or "KEYS" or "SLOTS NOW" or "THEN" ? Justify.Right : Justify.Left, Padding = new Padding(0, 0, 2, 0) });
        foreach (var row in rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        return table;
    }
}
