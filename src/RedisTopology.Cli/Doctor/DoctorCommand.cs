using System.CommandLine;
using RedisTopology.Cli.Clusters;
using RedisTopology.Cli.Hosting;
using Spectre.Console;

namespace RedisTopology.Cli.Doctor;

/// <summary><c>doctor [NAME]</c>: what is wrong, and what to do about it.</summary>
internal static class DoctorCommand
{
    public static Command Create(CliContext context)
    {
        var name = new Argument<string?>("NAME") { Description = "Name of the CacheCluster; all of the namespace when absent.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("doctor", "Check the installation and the clusters of a namespace: what is wrong, and what to do about it. Ends with 1 when a check failed.") { name };
        command.SetSessionAction(context, async (parsed, session, cancel) =>
        {
            var findings = new List<Finding>(await new InstallationChecks(session, context.Time).RunAsync(cancel));
            if (findings.Any(f => f is { Check: "definition", Outcome: Outcome.Failed }))
                return Report(context, parsed, findings);
            var clusters = parsed.GetValue(name) is { } wanted
                ? [await ClusterReader.GetAsync(session, wanted, cancel)]
                : await ClusterReader.ListAsync(session, session.Namespace, cancel);
            if (clusters.Count == 0)
                findings.Add(new Finding(session.Namespace, "clusters", Outcome.Note, "there are none in this namespace", "Choose another with -n."));
            foreach (var cluster in clusters)
                findings.AddRange(ClusterChecks.Run(await FactsReader.ReadAsync(session, cluster, context.Time, cancel)));
            return Report(context, parsed, findings);
        });
        return command;
    }

    private static int Report(CliContext context, ParseResult parsed, List<Finding> findings)
    {
        var failed = findings.Count(f => f.Outcome == Outcome.Failed);
        var warnings = findings.Count(f => f.Outcome == Outcome.Warning);
        if (parsed.GetValue(GlobalOptions.Output) == OutputFormat.Json)
            context.WriteJson(new { failed, warnings, findings });
        else
            Write(context.Console, findings, failed, warnings);
        return failed > 0 ? ExitCodes.Problem : ExitCodes.Done;
    }

    private static void Write(IAnsiConsole console, List<Finding> findings, int failed, int warnings)
    {
        foreach (var subject in findings.GroupBy(f => f.Subject))
        {
            console.MarkupLineInterpolated($"[bold]{subject.Key}[/]");
            var table = new Table().NoBorder().HideHeaders();
            table.AddColumn(new TableColumn("") { NoWrap = true, Padding = new Padding(0, 0, 1, 0) });
            table.AddColumn(new TableColumn("") { NoWrap = true, Padding = new Padding(0, 0, 2, 0) });
            table.AddColumn(new TableColumn(""));
            foreach (var finding in subject)
            {
                var (mark, colour) = finding.Outcome switch
                {
                    Outcome.Ok => ("✓", "green"),
                    Outcome.Note => ("·", "blue"),
                    Outcome.Warning => ("!", "yellow"),
                    Outcome.Failed => ("✗", "red"),
                    _ => ("?", "dim"),
                };
                var remedy = finding.Remedy is { } text ? $"\n[dim]->[/] {Markup.Escape(text)}" : "";
                table.AddRow($"[{colour}]{mark}[/]", Markup.Escape(finding.Check), Markup.Escape(finding.Message) + remedy);
            }

            console.Write(table);
            console.WriteLine();
        }

        console.MarkupLine(failed + warnings == 0 ? "[green]Nothing is wrong.[/]" : $"[{(failed > 0 ? "red" : "yellow")}]{failed} failed, {warnings} {(warnings == 1 ? "warning" : "warnings")}[/]");
    }
}
