using System.CommandLine;
using System.Globalization;
using RedisTopology.Cli.Clusters;
using RedisTopology.Cli.Hosting;
using RedisTopology.Cli.Servers;
using RedisTopology.Cli.Status;
using Spectre.Console;

namespace RedisTopology.Cli.Where;

/// <summary><c>where KEY</c>: the slot, the shard and the servers of a key, and whether it is there.</summary>
internal static class WhereCommand
{
    public static Command Create(CliContext context)
    {
        var key = new Argument<string>("KEY") { Description = "The key, as an app would send it." };
        var cluster = GlobalOptions.Cluster();
        var statusOnly = GlobalOptions.StatusOnly();
        var command = new Command("where", "Show where a key lives: its slot, its shard, the master and the replicas, and whether it is there. Its value is not read.") { key, cluster, statusOnly };
        command.SetSessionAction(context, async (parsed, session, cancel) =>
        {
            var resource = await ClusterReader.GetAsync(session, parsed.GetValue(cluster), cancel);
            var pods = await ClusterReader.PodsAsync(session, resource, cancel);
            var reports = parsed.GetValue(statusOnly) ? ServerReports.None : await ServerReader.AskAsync(session, pods, context.Time, cancel);
            var view = ClusterViewBuilder.Build(resource, pods, reports);
            var place = KeyFinder.Find(resource, view, parsed.GetValue(key)!);
            if (parsed.GetValue(statusOnly))
                place = place with { ValueNote = "the server was not asked" };
            else if (view.Source == "servers" && place.Master is { } master)
                place = await WithValueAsync(context, session, place, master.Pod, cancel);
            else
                place = place with { ValueNote = view.SourceNote ?? "the shard has no master" };
            if (parsed.GetValue(GlobalOptions.Output) == OutputFormat.Json)
                context.WriteJson(place);
            else
                Write(context.Console, place);
            return place.Shard is null ? ExitCodes.Problem : ExitCodes.Done;
        });
        return command;
    }

    private static async Task<KeyPlace> WithValueAsync(CliContext context, KubeSession session, KeyPlace place, string master, CancellationToken cancel)
    {
        try
        {
            var (_, output, error) = await PodShell.RunAsync(session, place.Namespace, master, ["sh", "-c", StoredValue.Question, "sh", place.StoredAs], context.Time, cancel);
            return StoredValue.Parse(output) is { } value ? place with { Value = value } : place with { ValueNote = (error + output).Trim() };
        }
        catch (PodShellException e)
        {
            return place with { ValueNote = e.Message };
        }
    }

    private static void Write(IAnsiConsole console, KeyPlace place)
    {
        var grid = new Grid().AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 2, 0) }).AddColumn();
        Row("key", place.Key);
        if (place.StoredAs != place.Key)
            Row("stored as", place.StoredAs);
        Row("slot", place.Slot.ToString(CultureInfo.InvariantCulture));
        Row("shard", place.Shard is null ? "none: nobody owns the slot" : $"{place.Shard}, which serves {place.Ranges}");
        if (place.MovingTo is { } target)
            Row("moving", $"to shard {target}");
        Row("master", Server(place.Master));
        foreach (var replica in place.Replicas)
            Row("replica", $"{Server(replica)}{(replica.Link is "down" or "away" ? $", link {replica.Link}" : replica.LagBytes is { } lag ? $", {Human.Bytes(lag)} behind" : "")}");
        Row("stored", Stored(place));
        foreach (var line in place.Why)
            Row("because", line);
        console.Write(grid);

        void Row(string name, string text) => grid.AddRow(new Text(name, new Style(decoration: Decoration.Dim)), new Text(text));
    }

    private static string Server(ServerView? server) =>
        server is null ? "none" : string.Join("  ", new[] { server.Pod, server.Address is { } address ? $"{address}:6379" : null, server.Node is { } node ? $"on {node}" : null }.OfType<string>());

    private static string Stored(KeyPlace place) => place.Value switch
    {
        null => $"not known: {place.ValueNote}",
        { Exists: false } => "nothing",
        var value => $"{value.Type}, {Human.Bytes(value.MemoryBytes)}, {(value.ExpiresInSeconds is { } seconds ? $"expires in {Human.Age(TimeSpan.FromSeconds(seconds))}" : "does not expire")}",
    };
}
