using System.Diagnostics;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Clients;

/// <summary>Runs a client's program and takes its exit code for the verdict.</summary>
internal static class ClientProgram
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Where tests/scripts/client-packages.sh puts the packages of JavaScript clients; null when they are not there.</summary>
    public static string? NodeModules => Modules("clients");

    /// <summary>And those of frameworks; null when they are not there.</summary>
    public static string? FrameworkModules => Modules("frameworks");

    private static string? Modules(string folder)
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } named ? named : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        var modules = Path.Combine(cache, "redis-topology", folder, "node_modules");
        return Directory.Exists(modules) ? modules : null;
    }

    /// <summary>A file beside the tests.</summary>
    public static string File(string name) => Path.Combine(AppContext.BaseDirectory, "Clients", "Programs", name);

    /// <summary>The program of a framework.</summary>
    public static string Framework(string name) => Path.Combine(AppContext.BaseDirectory, "Clients", "Frameworks", name);

    /// <summary>Runs one that checks by itself, and says at its end that all was well.</summary>
    public static async Task PassesAsync(string program, params string[] arguments) =>
        Assert.Contains("checks passed", await RunAsync(program, arguments), StringComparison.Ordinal);

    /// <summary>Runs it to its end and returns what it wrote.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        // The programs of clients must not find those of frameworks, which may bring other versions.
        if ((program == "node" && arguments[0].StartsWith(Framework(""), StringComparison.Ordinal) ? FrameworkModules : NodeModules) is { } modules)
            start.Environment["NODE_PATH"] = modules;
        using var process = Spawner.Start(start);
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Limit);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end within {Limit}");
        }

        var text = await output;
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{text}\n{await errors}");
        TestContext.Current.TestOutputHelper?.WriteLine(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "");
        return text;
    }
}
