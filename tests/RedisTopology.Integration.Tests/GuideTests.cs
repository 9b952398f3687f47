using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests;

/// <summary>What README and guides say can be copied is copied: blocks that begin with <c>sh run</c> or <c>yaml run</c>, in their order, in the folder of the repository.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed partial class GuideTests(IntegrationFixture fixture) : IntegrationTest(fixture)
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/guides/platform.md")]
    [InlineData("docs/guides/app-teams.md")]
    [InlineData("docs/guides/key-ranges.md")]
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
        var blocks = Block().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, guide), Cancel)).ToList();
        Assert.NotEmpty(blocks);
        SidecarProcess? sidecar = null;
        try
        {
            foreach (var block in blocks)
            {
                var text = block.Groups[2].Value;
                if (sidecar is null && text.Contains("redis-cli -p 6379", StringComparison.Ordinal))
                {
                    // The reader has it beside the app, at its usual port.
                    sidecar = await Cluster.StartSidecarAsync("user-cache", directory);
                    await WriteProgramAsync(directory["redis-cli"], $"PATH=${{PATH#*:}}; shift 2; exec redis-cli -p {sidecar.Port} \"$@\"");
                }

                if (Exec().IsMatch(text))
                    await ExecAsync(text);
                else
                    await RunAsync(block.Groups[1].Value == "yaml" ? $"kubectl apply -f - <<'END'\n{text}END\n" : text, directory);
            }
        }
        finally
        {
            if (sidecar is not null)
                await sidecar.DisposeAsync();
        }
    }

    private static async Task WriteProgramAsync(string path, string script)
    {
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n{script}\n", Cancel);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private async Task RunAsync(string script, TestDirectory directory)
    {
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", script]) { WorkingDirectory = Repository.Root, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{directory.FullPath}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["KUBECONFIG"] = Fixture.Plane.KubeconfigPath;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancel), process.StandardError.ReadToEndAsync(Cancel));
        await process.WaitForExitAsync(Cancel);
        var said = new StringBuilder(await output).Append(await error);
        Assert.True(process.ExitCode == 0, $"{script}\nended with {process.ExitCode}:\n{said}");
    }

    /// <summary>kubectl exec wants SPDY of the kubelet, which the harness does not speak: the command is run in the pod without it.</summary>
    private async Task ExecAsync(string text)
    {
        var lines = Exec().Matches(text);
        Assert.Equal(text.Trim().Split('\n').Length, lines.Count);
        foreach (var line in lines.AsEnumerable())
        {
            var result = await Fixture.Kubelet.ExecAsync($"{Cluster.Namespace}/{line.Groups[1].Value}", null, ["sh", "-c", line.Groups[2].Value], Cancel);
            Assert.True(result.ExitCode == 0, $"{line.Value}\nended with {result.ExitCode}: {result.Stdout}{result.Stderr}");
            Assert.EndsWith(line.Groups[3].Value, result.Stdout.TrimEnd(), StringComparison.Ordinal);
        }
    }

    /// <summary>The command, and after it how its output ends.</summary>
    [GeneratedRegex(@"^kubectl exec (\S+) -- sh -c '([^']+)' +# \{\.\.\.\}(\S+)$", RegexOptions.Multiline)]
    private static partial Regex Exec();

    [GeneratedRegex(@"^```(sh|yaml) run\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
