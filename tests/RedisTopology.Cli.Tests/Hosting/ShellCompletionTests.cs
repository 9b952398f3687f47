using RedisTopology.Testing;

namespace RedisTopology.Cli.Tests.Hosting;

/// <summary>The generated scripts in real shells, which are asked as they would ask when Tab is pressed.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ShellCompletionTests
{
    /// <summary>What the package bash-completion brings; kubectl's script relies on it.</summary>
    private const string BashCompletion = """
        _get_comp_words_by_ref() { cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD; }
        __ltrim_colon_completions() { :; }
        """;

    [Theory]
    [InlineData("bash", "kubectl cache wh", "where")]
    [InlineData("bash", "kubectl cache completion ba", "bash")]
    [InlineData("bash", "kubectl cache push --to", "--token-file")]
    [InlineData("zsh", "kubectl cache wh", "kubectl cache where")]
    [InlineData("zsh", "kubectl cache push --to", "kubectl cache push --token-file")]
    [InlineData("fish", "kubectl cache wh", "where")]
    [InlineData("fish", "kubectl cache push --to", "--token-file")]
    public async Task Tab_after_kubectl_cache_completes_by_way_of_kubectl(string shell, string typed, string completed)
    {
        var kubectl = await HelmTools.KubectlAsync(Path.GetTempPath());
        var version = await kubectl.RunAsync(["version", "--client"], ct: TestContext.Current.CancellationToken);
        Prerequisites.Require(System.Text.RegularExpressions.Regex.Match(version, @"v1\.(\d+)") is { Success: true } found && int.Parse(found.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) >= 26, "needs kubectl 1.26 or newer, which completes plugins.");
        using var directory = TestDirectory.Create("completion");
        await WriteProgramAsync(directory["kubectl"], $"exec \"{kubectl.Path}\" \"$@\"");
        await WriteProgramAsync(directory["kubectl-cache"], Plugin);
        await RunAsync(directory, "bash", ["-c", $"kubectl-cache completion kubectl > '{directory["kubectl_complete-cache"]}' && chmod +x '{directory["kubectl_complete-cache"]}'"]);
        Assert.Equal([completed], await CompleteAsync(directory, shell, typed, "__start_kubectl", $"kubectl completion {shell}"));
    }

    [Theory]
    [InlineData("bash", "kubectl-cache wh", "where")]
    [InlineData("bash", "kubectl-cache where key --st", "--status-only")]
    [InlineData("zsh", "kubectl-cache wh", "kubectl-cache where")]
    [InlineData("zsh", "kubectl-cache where key --st", "kubectl-cache where key --status-only")]
    [InlineData("zsh", "kubectl-cache push /etc/hostn", "kubectl-cache push /etc/hostname")]
    [InlineData("fish", "kubectl-cache wh", "where")]
    [InlineData("fish", "kubectl-cache where key --st", "--status-only")]
    [InlineData("fish", "kubectl-cache push /etc/hostn", "/etc/hostname")]
    public async Task Tab_after_the_program_itself_completes_too(string shell, string typed, string completed)
    {
        using var directory = TestDirectory.Create("completion");
        await WriteProgramAsync(directory["kubectl-cache"], Plugin);
        Assert.Equal([completed], await CompleteAsync(directory, shell, typed, "_kubectl_cache", $"kubectl-cache completion {shell}"));
    }

    private static string Plugin => $"exec dotnet \"{typeof(RedisTopology.Cli.Hosting.ExitCodes).Assembly.Location}\" \"$@\"";

    /// <summary>What Tab offers at the end of a line; of zsh the line that comes of it.</summary>
    private static async Task<string[]> CompleteAsync(TestDirectory directory, string shell, string line, string function, string script)
    {
        Prerequisites.Program(shell, shell);
        var answer = await RunAsync(directory, shell, shell switch
        {
            "bash" => ["-c", Bash(line, function, script)],
            "fish" => ["--no-config", "-c", $"{script} | source; complete -C '{line}'"],
            _ => ["-f", "-c", Zsh(line, script, directory["line"])],
        });
        // Spaces are left where the word is complete, tabs before what it means.
        return [.. answer.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')[0].Trim())];
    }

    private static string Bash(string line, string function, string script) => $"""
        {BashCompletion}
        source <({script})
        complete -p {line.Split(' ')[0]} | grep -q -- '-F {function}' || exit 1
        COMP_LINE='{line}' COMP_POINT={line.Length} COMP_TYPE=9 COMP_KEY=9
        COMP_WORDS=({line}) COMP_CWORD={line.Split(' ').Length - 1}
        {function}
        printf '%s\n' "${"{COMPREPLY[@]}"}"
        """;

    /// <summary>A zsh at a terminal: Tab is pressed, and the line that is there then is written to a file instead of being run.</summary>
    private static string Zsh(string line, string script, string result) => $"""
        zmodload zsh/zpty
        zpty terminal zsh -f -i
        zpty -w terminal 'autoload -U compinit; compinit -u -D; source <({script})'
        zpty -n -w terminal $'{line}\t\C-Aprint -r -- "\C-E" > "{result}.new"; mv "{result}.new" "{result}"; exit\n'
        for i in {"{1..300}"}; do
          zpty -r -t terminal seen
          [[ -e "{result}" ]] && exec cat "{result}"
          sleep 0.1
        done
        print -r -- "$seen"
        """;

    private static Task<string> RunAsync(TestDirectory directory, string shell, string[] arguments) => new Tool(Executables.Find(shell, $"Install {shell}."), new Dictionary<string, string>
    {
        ["PATH"] = $"{directory.FullPath}:{Environment.GetEnvironmentVariable("PATH")}",
        ["HOME"] = directory.FullPath,
        ["KUBECONFIG"] = directory["none"],
        ["TERM"] = "xterm",
    }).RunAsync(arguments, ct: TestContext.Current.CancellationToken);

    private static async Task WriteProgramAsync(string path, string script)
    {
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n{script}\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
