using RedisTopology.Cli.Hosting;
using Spectre.Console;

namespace RedisTopology.Cli.Status;

/// <summary>Draws a cluster as a tree whose figures stand in columns.</summary>
internal static class StatusPage
{
    /// <summary>In the middle of a move the ranges of a shard are many; the whole list is in the JSON.</summary>
    private const int LongestRanges = 34;

    public static void Write(IAnsiConsole console, ClusterView view, DateTimeOffset now)
    {
        Head(console, view);
        console.WriteLine();
        console.Write(Tree(view));
        foreach (var move in view.Migrations)
            console.MarkupLineInterpolated($"  moving {move.From} -> {move.To}: {move.Moved} of {move.Total} slots, left {move.Slots ?? "none"}");
        console.WriteLine();
        console.Write(Conditions(view, now));
        if (view.SourceNote is { } note)
        {
            console.WriteLine();
            console.MarkupLineInterpolated($"[yellow]note:[/] {note}{(view.Source == "status" ? ". What is shown of the servers is what the CacheCluster's status says." : "")}");
        }
    }

    private static void Head(IAnsiConsole console, ClusterView view)
    {
        var colour = view.Phase switch { "Ready" => "green", "Degraded" or "Invalid" => "red", _ => "yellow" };
        var phase = Markup.Escape(view.Phase ?? "not seen by an operator yet");
        console.MarkupLine($"[bold]{Markup.Escape(view.Name)}[/] in {Markup.Escape(view.Namespace)}  [bold {colour}]{phase}[/]  {Markup.Escape(view.Engine ?? "")}");
        var figures = new List<string> { $"{view.SlotsCovered ?? "0/16384"} slots", $"{view.Ready ?? "0/0"} pods in their role", $"{Human.Number(view.Keys)} keys", Memory(view) };
        if (view.OpsPerSecond is { } ops)
            figures.Add($"{Human.Number(ops)} ops/s");
        console.WriteLine(string.Join(" · ", figures));
        if (view.SpecPending && view.Phase is not null)
            console.MarkupLine("[yellow]The operator has not looked at the present spec yet.[/]");
    }

    private static string Memory(ClusterView view) =>
        view.MaxMemory > 0 ? $"{Human.Bytes(view.UsedMemory)} of {Human.Bytes(view.MaxMemory)}" : Human.Bytes(view.UsedMemory);

    private static Table Tree(ClusterView view)
    {
        var table = new Table().NoBorder();
        foreach (var column in new[] { "SHARD / POD", "SLOTS", "ROLE", "KEYS", "MEMORY", "OPS/S", "CLIENTS", "LAG", "NODE", "" })
            table.AddColumn(new TableColumn($"[dim]{column}[/]") { NoWrap = column.Length > 0, Alignment = column is "KEYS" or "MEMORY" or "OPS/S" or "CLIENTS" or "LAG" ? Justify.Right : Justify.Left, Padding = new Padding(0, 0, 2, 0) });
        if (view.Shards.Count == 0)
            table.AddRow("[dim]no shards yet[/]");
        foreach (var shard in view.Shards)
        {
            table.AddRow(
                $"[bold]{Markup.Escape(shard.Name)}[/]", Markup.Escape(Ranges(shard)), shard.Ready is { } ready ? Markup.Escape(ready) : "", Human.Number(shard.Master?.Keys), Human.Bytes(shard.Master?.UsedMemory),
                shard.Servers.Any(s => s.OpsPerSecond is not null) ? Human.Number(shard.Servers.Sum(s => s.OpsPerSecond ?? 0)) : "-", "", "", "", shard.Master is null ? "[red]no master[/]" : "");
            for (var i = 0; i < shard.Servers.Count; i++)
                AddServer(table, shard.Servers[i], i == shard.Servers.Count - 1);
        }

        return table;
    }

    private static void AddServer(Table table, ServerView server, bool last)
    {
        var role = server.Role switch { "master" => "[green]master[/]", "replica" => server.Link is null or "up" ? "replica" : "[red]replica[/]", _ => "[yellow]?[/]" };
        table.AddRow(
            (last ? "└─ " : "├─ ") + Markup.Escape(server.Pod), "", role, Human.Number(server.Keys), $"{Human.Bytes(server.UsedMemory)}{(server.MaxMemory > 0 ? $" {Human.Percent(server.UsedMemory, server.MaxMemory),4}" : "")}", Human.Number(server.OpsPerSecond), Human.Number(server.Clients),
            server.Role == "master" ? "" : server.Link is "down" or "away" ? $"[red]{server.Link}[/]" : Human.Bytes(server.LagBytes), Markup.Escape(server.Node ?? "-"),
            server.Trouble is { } trouble ? $"[red]{Markup.Escape(trouble)}[/]" : server.Restarts > 0 ? $"[dim]restarted {server.Restarts}x[/]" : "");
    }

    private static string Ranges(ShardView shard)
    {
        if (shard.Slots == 0)
            return "none";
        var ranges = shard.Ranges.Length <= LongestRanges ? shard.Ranges : shard.Ranges[..shard.Ranges.LastIndexOf(',', LongestRanges)] + ",...";
        return $"{ranges} ({shard.Slots})";
    }

    private static Table Conditions(ClusterView view, DateTimeOffset now)
    {
        var table = new Table().NoBorder();
        foreach (var column in new[] { "CONDITION", "STATUS", "REASON", "SINCE", "MESSAGE" })
            table.AddColumn(new TableColumn($"[dim]{column}[/]") { NoWrap = column != "MESSAGE", Padding = new Padding(0, 0, 2, 0) });
        if (view.Conditions.Count == 0)
            table.AddRow("[dim]none yet: no operator has looked at it[/]");
        foreach (var condition in view.Conditions)
        {
            var colour = condition.IsBad ? "red" : condition is { Type: "Progressing", Status: "True" } ? "yellow" : "green";
            table.AddRow(
                Markup.Escape(condition.Type), $"[{colour}]{Markup.Escape(condition.Status)}[/]", Markup.Escape(condition.Reason),
                condition.Since is { } since ? Human.Age(now - since) : "-", Markup.Escape(condition.Message));
        }

        return table;
    }
}
