using Microsoft.Extensions.Logging;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Logging;
using RedisTopology.Sidecar.Metrics;

namespace RedisTopology.Sidecar.Host;

/// <summary>The process, from its command line to its exit code.</summary>
internal static class SidecarProgram
{
    private const string Name = "redis-topology-sidecar";

    /// <summary>Runs it.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="output">Takes what was asked for.</param>
    /// <param name="errors">Takes events, and what is wrong.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        var line = CommandLine.Parse(args);
        if (line.Errors.Count > 0)
            return Refuse(errors, line.Errors);
        switch (line.Verb)
        {
            case CommandVerb.Help:
                await output.WriteAsync(CommandLine.Help());
                return ExitCodes.Ok;
            case CommandVerb.Version:
                await output.WriteLineAsync($"{Name} {ProcessFamilies.Version}");
                return ExitCodes.Ok;
            case CommandVerb.Docs:
                ReferencePages.Write(line.Folder!);
                return ExitCodes.Ok;
        }

        var reader = new OptionsReader(line.File, line.Settings);
        var (options, wrong) = reader.Read();
        if (options is null)
            return Refuse(errors, wrong);
        if (line.Verb == CommandVerb.Check)
        {
            await output.WriteLineAsync("the options are valid");
            return ExitCodes.Ok;
        }

        if (!OperatingSystem.IsLinux())
        {
            await errors.WriteLineAsync($"{Name}: needs Linux: it is built on epoll. Run it in a container");
            return ExitCodes.Failed;
        }

        using var logging = new LineLoggerProvider(errors, line.LogFormat, line.LogLevel, TimeProvider.System);
        using var factory = new LoggerFactory([logging]);
        using var signals = new StopSignals();
        await using var host = new SidecarHost(reader, options, factory, logging, TimeProvider.System);
        return await host.RunAsync(signals.Token);
    }

    private static int Refuse(TextWriter errors, IReadOnlyList<string> wrong)
    {
        foreach (var error in wrong)
            errors.WriteLine($"{Name}: {error}");
        return ExitCodes.Usage;
    }
}
