using System.CommandLine;
using RedisTopology.Cli.Completion;
using RedisTopology.Cli.Doctor;
using RedisTopology.Cli.Failover;
using RedisTopology.Cli.Push;
using RedisTopology.Cli.Reshard;
using RedisTopology.Cli.Status;
using RedisTopology.Cli.Top;
using RedisTopology.Cli.Where;

namespace RedisTopology.Cli.Hosting;

/// <summary>The command line: its commands, and how each of them ends.</summary>
internal static class CliProgram
{
    private const string Description = """
        Looks at, and operates, CacheClusters: sharded, replicated Redis and Valkey.

        Servers are asked through the API server, by running redis-cli in their pods (pods/exec): nothing has to be reachable from here, and the password stays
        in its pod. Where that is not allowed, what the CacheCluster's status says is shown, and it is said so.
        """;

    /// <summary>Runs one command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="context">Where it reads and writes.</param>
    /// <param name="cancellationToken">Cancels it, besides Ctrl-C.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args, CliContext context, CancellationToken cancellationToken = default)
    {
        if (args is [CompletionCommand.Hidden, .. var words])
            return await CompletionCommand.CompleteAsync(words, context, cancellationToken);
        var parsed = Root(context).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                context.Error.WriteLine($"error: {error.Message}");
            context.Error.WriteLine($"Usage: {Usage(parsed.CommandResult.Command)}; \"--help\" says more.");
            return ExitCodes.Usage;
        }

        return await parsed.InvokeAsync(
            new InvocationConfiguration { Output = context.Output, Error = context.Error, EnableDefaultExceptionHandler = false }, cancellationToken);
    }

    /// <summary>The whole command line, for parsing and for completion.</summary>
    public static RootCommand Root(CliContext context)
    {
        var root = new RootCommand(Description + Environment.NewLine + Environment.NewLine + ExitCodes.Help);
        foreach (var option in GlobalOptions.All)
            root.Options.Add(option);
        root.Subcommands.Add(StatusCommand.Create(context));
        root.Subcommands.Add(WhereCommand.Create(context));
        root.Subcommands.Add(TopCommand.Create(context));
        root.Subcommands.Add(FailoverCommand.Create(context));
        root.Subcommands.Add(ReshardCommand.Create(context));
        root.Subcommands.Add(PushCommand.Create(context));
        root.Subcommands.Add(DoctorCommand.Create(context));
        root.Subcommands.Add(CompletionCommand.Create(context));
        return root;
    }

    /// <summary>Gives a command its action: opens the session, and turns what goes wrong into a message, a remedy and an exit code.</summary>
    public static void SetSessionAction(this Command command, CliContext context, Func<ParseResult, KubeSession, CancellationToken, Task<int>> action) =>
        command.SetAction((parsed, cancel) => GuardAsync(context, async servers =>
        {
            using var session = KubeSession.Open(parsed);
            servers.Name = session.Server;
            return await action(parsed, session, cancel);
        }, cancel));

    /// <summary>Gives a command that may do without an API server its action: what goes wrong becomes a message, a remedy and an exit code.</summary>
    public static void SetGuardedAction(this Command command, CliContext context, Func<ParseResult, CancellationToken, Task<int>> action) =>
        command.SetAction((parsed, cancel) => GuardAsync(context, _ => action(parsed, cancel), cancel));

    /// <summary>Turns what goes wrong into a message, a remedy and an exit code.</summary>
    private static async Task<int> GuardAsync(CliContext context, Func<ServerName, Task<int>> action, CancellationToken cancel)
    {
        var server = new ServerName();
        try
        {
            return await action(server);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception e) when (ApiErrors.Translate(e, server.Name) is not null)
        {
            var failure = ApiErrors.Translate(e, server.Name)!;
            context.Error.WriteLine($"error: {failure.Message}");
            if (failure.Remedy is { } remedy)
                context.Error.WriteLine($"remedy: {remedy}");
            return failure.ExitCode;
        }
    }

    private static string Usage(Command command) =>
        command is RootCommand ? "kubectl cache COMMAND" : $"kubectl cache {command.Name}" + string.Concat(command.Arguments.Select(a => a.Arity.MinimumNumberOfValues > 0 ? $" {a.HelpName ?? a.Name}" : $" [{a.HelpName ?? a.Name}]"));

    private sealed class ServerName
    {
        public string? Name { get; set; }
    }
}
