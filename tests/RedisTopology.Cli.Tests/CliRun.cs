using RedisTopology.Cli.Hosting;
using Spectre.Console;

namespace RedisTopology.Cli.Tests;

/// <summary>One command line, and what it printed.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    public static async Task<CliRun> OfAsync(params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var code = await CliProgram.RunAsync(args, new CliContext(Console(output), output, error, TextReader.Null, TimeProvider.System), TestContext.Current.CancellationToken);
        return new CliRun(code, output.ToString(), error.ToString());
    }

    /// <summary>A terminal without colours, as wide as <paramref name="width"/>.</summary>
    public static IAnsiConsole Console(TextWriter output, int width = 200)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = width;
        return console;
    }
}
