using RedisTopology.Testing;

namespace RedisTopology.Cli.Tests.Hosting;

/// <summary>The generated scripts in a real bash, which is asked as it would ask when Tab is pressed.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ShellCompletionTests
{
    /// <summary>What the package bash-completion brings; kubectl's script relies on it.</summary>
    private const string BashCompletion = """
        _get_comp_words_by_ref() { cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD; }
        __ltrim_colon_completions() { :; }
        """;

    [Theory]
    [InlineData("wh", "where")]
    [InlineData("completion ba", "bash")]
    [InlineData("push --to", "--token-file")]
    public async Task Tab_after_kubectl_cache_completes_by_way_of_kubectl(string typed, string completed)
    {
        var kubectl = await HelmTools.KubectlAsync(Path.GetTempPath());
        var version = await kubectl.RunAsync(["version", "--client"], ct: TestContext.Current.CancellationToken);
        Prerequisites.Require(System.Text.RegularExpressions.Regex.Match(version, @"v1\.(\d+)") is { Success: true } found && int.Parse(found.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) >= 26, "needs kubectl 1.26 or newer, which completes plugins.");
        using var directory = TestDirectory.Create("completion");
        await WriteProgramAsync(directory["kubectl"], $"exec \"{kubectl.Path}\" \"$@\"");
        var words = await CompleteAsync(directory, $"kubectl cache {typed}", "__start_kubectl", $"""
            kubectl-cache completion kubectl > "{directory.FullPath}/kubectl_complete-cache" && chmod +x "{directory.FullPath}/kubectl_complete-cache"
            {BashCompletion}
            source <(kubectl completion bash)
            """);
        Assert.Equal([completed], words);
    }

    [Theory]
    [InlineData("wh", "where")]
    [InlineData("where key --st", "--status-only")]
    public async Task Tab_after_the_program_itself_completes_too(string typed, string completed)
    {
        using var directory = TestDirectory.Create("completion");
        Assert.Equal([completed], await CompleteAsync(directory, $"kubectl-cache {typed}", "_kubectl_cache", "source <(kubectl-cache completion bash)"));
    }

    /// <summary>What Tab would offer at the end of a line.</summary>
    private static async Task<string[]> CompleteAsync(TestDirectory directory, string line, string function, string prepare)
    {
        Prerequisites.Program("bash", "bash");
        await WriteProgramAsync(directory["kubectl-cache"], $"exec dotnet \"{typeof(RedisTopology.Cli.Hosting.ExitCodes).Assembly.Location}\" \"$@\"");
        var answer = await new Tool(Executables.Find("bash", "Install bash."), new Dictionary<string, string>
        {
            ["PATH"] = $"{directory.FullPath}:{Environment.GetEnvironmentVariable("PATH")}",
            ["HOME"] = directory.FullPath,
            ["KUBECONFIG"] = directory["none"],
        }).RunAsync(
            ["-c", $"""
            {prepare}
            complete -p {line.Split(' ')[0]} | grep -q -- '-F {function}' || exit 1
            COMP_LINE='{line}' COMP_POINT={line.Length} COMP_TYPE=9 COMP_KEY=9
            COMP_WORDS=({line}) COMP_CWORD={line.Split(' ').Length - 1}
            {function}
            printf '%s\n' "${"{COMPREPLY[@]}"}"
            """],
            ct: TestContext.Current.CancellationToken);
        // kubectl's script leaves a space where the word is complete.
        return [.. answer.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
    }

    private static async Task WriteProgramAsync(string path, string script)
    {
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n{script}\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
