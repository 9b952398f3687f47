using System.Globalization;
using Spectre.Console;

namespace RedisTopology.Demo.Show;

/// <summary>What the person sees: each line with the seconds since the start.</summary>
internal sealed class Screen(TimeProvider time)
{
    private readonly long _began = time.GetTimestamp();
    private readonly IAnsiConsole _console = Create();
    private readonly Lock _lock = new();

    /// <summary>A new part of the show.</summary>
    public void Step(string title)
    {
        lock (_lock)
        {
            _console.WriteLine();
            _console.Write(new Text(Stamp()));
            _console.Write(new Text(title + "\n", new Style(Color.Aqua, decoration: Decoration.Bold)));
        }
    }

    /// <summary>A line of news.</summary>
    public void Note(string text) => Line(text, Style.Plain);

    /// <summary>A claim that held.</summary>
    public void Good(string text) => Line("✓ " + text, new Style(Color.Green));

    /// <summary>A claim that did not hold, or the reason to give up.</summary>
    public void Fail(string text) => Line("✗ " + text, new Style(Color.Red));

    /// <summary>A command with its output, or a block to copy.</summary>
    public void Block(string? command, string text)
    {
        lock (_lock)
        {
            if (command is not null)
                _console.Write(new Text($"{Stamp()}$ {command}\n", new Style(Color.Grey)));
            foreach (var line in text.TrimEnd().Split('\n'))
                _console.WriteLine("         " + line);
        }
    }

    private void Line(string text, Style style)
    {
        lock (_lock)
        {
            _console.Write(new Text(Stamp()));
            _console.Write(new Text(text + "\n", style));
        }
    }

    private string Stamp() => string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(_began).TotalSeconds,6:0.0} s ");

    private static IAnsiConsole Create()
    {
        var console = AnsiConsole.Console;
        // Logs are not folded.
        if (Console.IsOutputRedirected)
            console.Profile.Width = 400;
        return console;
    }
}
