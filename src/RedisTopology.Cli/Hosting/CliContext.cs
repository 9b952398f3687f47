using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace RedisTopology.Cli.Hosting;

/// <summary>Where a command reads and writes: the process's own terminal, or a test's strings.</summary>
/// <param name="console">For a person: tables, colours where the terminal has them.</param>
/// <param name="output">Standard output, for JSON and scripts.</param>
/// <param name="error">Standard error.</param>
/// <param name="input">Standard input.</param>
/// <param name="time">The clock.</param>
internal sealed class CliContext(IAnsiConsole console, TextWriter output, TextWriter error, TextReader input, TimeProvider time)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // What is printed goes to a terminal or a program, never into a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public IAnsiConsole Console => console;

    public TextWriter Output => output;

    public TextWriter Error => error;

    public TextReader Input => input;

    public TimeProvider Time => time;

    /// <summary>Whether a person sits before it and can be asked.</summary>
    public bool IsInteractive { get; init; }

    public static CliContext OfProcess()
    {
        // Piped into a file or a program there is no terminal whose width could be asked: wide enough that no cell is broken.
        if (System.Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = 200;
        return new CliContext(AnsiConsole.Console, System.Console.Out, System.Console.Error, System.Console.In, TimeProvider.System)
        {
            IsInteractive = !System.Console.IsInputRedirected && !System.Console.IsOutputRedirected,
        };
    }

    /// <summary>Prints one JSON document.</summary>
    public void WriteJson<T>(T value) => Output.WriteLine(JsonSerializer.Serialize(value, Json));
}
