using System.Diagnostics;

namespace RedisTopology.Testing;

/// <summary>A program that is run to its end, with the environment of the tests and what is added to it.</summary>
/// <param name="path">The program.</param>
/// <param name="environment">Variables to add.</param>
public sealed class Tool(string path, IReadOnlyDictionary<string, string>? environment = null)
{
    /// <summary>The program.</summary>
    public string Path => path;

    /// <summary>Runs it, whatever comes of it.</summary>
    /// <param name="arguments">Arguments.</param>
    /// <param name="input">Standard input; none when null.</param>
    /// <param name="ct">Kills it.</param>
    /// <returns>How it ended.</returns>
    public async Task<ToolResult> TryAsync(IEnumerable<string> arguments, string? input = null, CancellationToken ct = default)
    {
        var start = new ProcessStartInfo(path) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            start.Environment[key] = value;
        using var process = Spawner.Start(start);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(ct);
            var error = process.StandardError.ReadToEndAsync(ct);
            if (input is not null)
                await process.StandardInput.WriteAsync(input.AsMemory(), ct);
            process.StandardInput.Close();
            await process.WaitForExitAsync(ct);
            return new ToolResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Runs it; it has to succeed.</summary>
    /// <param name="arguments">Arguments.</param>
    /// <param name="input">Standard input; none when null.</param>
    /// <param name="ct">Kills it.</param>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It did not; says what it printed.</exception>
    public async Task<string> RunAsync(IEnumerable<string> arguments, string? input = null, CancellationToken ct = default)
    {
        var list = arguments.ToList();
        var result = await TryAsync(list, input, ct);
        return result.ExitCode == 0
            ? result.Output
            : throw new InvalidOperationException($"{System.IO.Path.GetFileName(path)} {string.Join(' ', list)} ended with {result.ExitCode}:\n{result.Error}{result.Output}");
    }
}
