using System.CommandLine;
using RedisTopology.Cli.Clusters;
using RedisTopology.Cli.Hosting;

namespace RedisTopology.Cli.Completion;

/// <summary><c>completion</c>: scripts for shells, and, behind them, what a half-written command line may go on with.</summary>
internal static class CompletionCommand
{
    /// <summary>What the scripts call.</summary>
    public const string Hidden = "__complete";

    /// <summary>kubectl's own shell completion runs this file, when it is executable and in the PATH, for "kubectl cache".</summary>
    private const string Kubectl = """
        #!/bin/sh
        # Save as kubectl_complete-cache, executable, in your PATH: kubectl's completion then knows "kubectl cache".
        exec kubectl cache __complete "$@"
        """;

    private const string Bash = """
        # source <(kubectl-cache completion bash)
        _kubectl_cache() {
          local IFS=$'\n' found
          found=$(kubectl-cache __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
          COMPREPLY=($(grep -v '^:' <<< "$found"))
          [[ $found != *:0 ]] || compopt -o default 2>/dev/null
        }
        complete -F _kubectl_cache kubectl-cache
        """;

    private const string Zsh = """
        # source <(kubectl-cache completion zsh)
        _kubectl_cache() {
          local found=$(kubectl-cache __complete "${(@)words[2,$CURRENT]}" 2>/dev/null)
          [[ $found != *:0 ]] || { _files; return; }
          compadd -- ${(f)"$(grep -v '^:' <<< "$found")"}
        }
        compdef _kubectl_cache kubectl-cache
        """;

    private const string Fish = """
        # kubectl-cache completion fish | source
        complete -c kubectl-cache -f -a '(kubectl-cache __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null | string match -v ":*")'
        complete -c kubectl-cache -n '__fish_seen_subcommand_from push' -F
        """;

    public static Command Create(CliContext context)
    {
        var shell = new Argument<string>("SHELL") { Description = "kubectl, bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("kubectl", "bash", "zsh", "fish");
        var completion = new Command("completion", "Print the completion script of a shell; \"kubectl\" for completion of \"kubectl cache\" itself.") { shell };
        completion.SetAction(parsed => context.Output.WriteLine(parsed.GetValue(shell) switch { "bash" => Bash, "zsh" => Zsh, "fish" => Fish, _ => Kubectl }));
        return completion;
    }

    /// <summary>Prints, in the form kubectl expects of its plugins, what the last word may become; <c>:4</c> says that no file names are wanted, <c>:0</c> that they are.</summary>
    /// <param name="words">The words so far; the last one, perhaps empty, is being written.</param>
    /// <param name="context">Where it prints.</param>
    /// <param name="cancel">Cancels it.</param>
    public static async Task<int> CompleteAsync(string[] words, CliContext context, CancellationToken cancel)
    {
        var last = words.Length > 0 ? words[^1] : "";
        var parsed = CliProgram.Root(context).Parse(string.Join(' ', words.Select(Quote)));
        var found = parsed.GetCompletions().Select(c => c.Label).Where(l => l.StartsWith(last, StringComparison.Ordinal) && (char.IsAsciiLetter(l[0]) || last.StartsWith('-')));
        var names = last.StartsWith('-') || WantsFile(parsed, words) ? [] : await NamesAsync(parsed, words, cancel);
        foreach (var line in found.Concat(names.Where(n => n.StartsWith(last, StringComparison.Ordinal))).Distinct().Order(StringComparer.Ordinal))
            context.Output.WriteLine(line);
        context.Output.WriteLine(WantsFile(parsed, words) ? ":0" : ":4");
        return ExitCodes.Done;
    }

    private static bool WantsFile(ParseResult parsed, string[] words) =>
        words is [.., "--token-file" or "--kubeconfig", _] || (parsed.CommandResult.Command.Name == "push" && words is [.., "push", not ['-', ..]]);

    /// <summary>Names of clusters and shards, where one is wanted; none when they cannot be had at once.</summary>
    private static async Task<IEnumerable<string>> NamesAsync(ParseResult parsed, string[] words, CancellationToken cancel)
    {
        var command = parsed.CommandResult.Command.Name;
        var ofCluster = (words.Length > 1 && words[^2] is "-c" or "--cluster") || command is "status" or "doctor" or "top";
        if (!ofCluster && command != "failover")
            return [];
        try
        {
            using var session = KubeSession.Open(parsed);
            var clusters = await ClusterReader.ListAsync(session, session.Namespace, cancel);
            return ofCluster ? clusters.Select(c => c.Metadata.Name) : clusters.SelectMany(c => c.Status.Shards ?? []).Select(s => s.Name).Distinct();
        }
        catch (Exception e) when (ApiErrors.Translate(e, null) is not null)
        {
            return [];
        }
    }

    private static string Quote(string word) => word.Contains(' ', StringComparison.Ordinal) ? $"\"{word}\"" : word;
}
