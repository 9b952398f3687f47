using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests;

/// <summary>What the guides say can be copied is copied: blocks that begin with <c>sh run</c> or <c>yaml run</c>, in their order.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed partial class GuideTests(IntegrationFixture fixture) : IntegrationTest(fixture)
{
    [Theory]
    [InlineData("platform.md")]
    [InlineData("app-teams.md")]
    public async Task A_guide_can_be_followed(string guide)
    {
        var kubectl = (await HelmTools.KubectlAsync(Path.GetTempPath())).Path;
        await StartOperatorAsync();
        using var directory = TestDirectory.Create("guide");
        await WriteProgramAsync(directory["kubectl-cache"], $"exec dotnet \"{typeof(RedisTopology.Cli.Hosting.ExitCodes).Assembly.Location}\" \"$@\"");
        // Everything happens in the test's namespace, which the reader's context would name.
        await WriteProgramAsync(directory["kubectl"], $"""
            if [ "$1" = cache ]; then shift; exec kubectl-cache "$@" -n {Cluster.Namespace}; fi
            exec "{kubectl}" -n {Cluster.Namespace} "$@"
            """);
        var blocks = Block().Matches(await File.ReadAllTextAsync(Repository.Docs($"guides/{guide}"), Cancel)).ToList();
        Assert.NotEmpty(blocks);
        foreach (var block in blocks)
        {
            var text = block.Groups[2].Value;
            await RunAsync(block.Groups[1].Value == "yaml" ? $"kubectl apply -f - <<'END'\n{text}END\n" : text, directory);
        }
    }

    private static async Task WriteProgramAsync(string path, string script)
    {
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n{script}\n", Cancel);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private async Task RunAsync(string script, TestDirectory directory)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{directory.FullPath}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["KUBECONFIG"] = Fixture.Plane.KubeconfigPath;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancel), process.StandardError.ReadToEndAsync(Cancel));
        await process.WaitForExitAsync(Cancel);
        var said = new StringBuilder(await output).Append(await error);
        Assert.True(process.ExitCode == 0, $"{script}\nended with {process.ExitCode}:\n{said}");
    }

    [GeneratedRegex(@"^```(sh|yaml) run\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
