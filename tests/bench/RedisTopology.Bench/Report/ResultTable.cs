using System.Globalization;
using Spectre.Console;

namespace RedisTopology.Bench.Report;

/// <summary>A benchmark's table, as Markdown, so that it can be pasted into a README.</summary>
internal sealed class ResultTable
{
    private readonly string _title;
    private readonly double _loadBefore = Machine.Load;
    private readonly List<string> _notes = [];
    private readonly Table _table = new Table().Border(TableBorder.Markdown).AddColumns("what", "measured", "goal", "verdict");

    public ResultTable(string title) => _title = title;

    /// <summary>A figure without a goal.</summary>
    public void Add(string what, FormattableString measured) => _table.AddRow(Markup.Escape(what), Text(measured), "", "");

    /// <summary>A figure with a goal.</summary>
    public void Add(string what, FormattableString measured, string goal, bool met) => _table.AddRow(Markup.Escape(what), Text(measured), Markup.Escape(goal), met ? "met" : "MISSED");

    /// <summary>A sentence below the table.</summary>
    public void Note(FormattableString note) => _notes.Add(FormattableString.Invariant(note));

    public void Print()
    {
        AnsiConsole.WriteLine();
        AnsiConsole.WriteLine($"### {_title}");
        AnsiConsole.WriteLine();
        AnsiConsole.Write(_table);
        AnsiConsole.WriteLine();
        foreach (var note in (string[])[.. _notes, string.Create(CultureInfo.InvariantCulture, $"Load average {_loadBefore:0.0} before, {Machine.Load:0.0} after, on {Environment.ProcessorCount} cores.")])
            AnsiConsole.WriteLine($"- {note}");
    }

    private static string Text(FormattableString text) => Markup.Escape(FormattableString.Invariant(text));
}
