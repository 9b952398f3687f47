using System.Text.RegularExpressions;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests;

/// <summary>
/// What README and guides say can be copied is copied: blocks that are marked <c>run</c>, in their order, in the folder of the repository. What is about the installation itself
/// (<c>run installed</c>) is carried out by the tests of the charts; which blocks are not, and why, by BlockTests of the operator's tests.
/// </summary>
public sealed partial class GuideTests(IntegrationFixture fixture) : IntegrationTest(fixture)
{
    public static TheoryData<string> Guides => [.. GuidePages.Marked("run").Select(b => b.Block.Page).Distinct()];

    [Theory]
    [MemberData(nameof(Guides))]
    public async Task A_guide_can_be_followed(string guide)
    {
        await StartOperatorAsync();
        using var shell = await GuideShell.CreateAsync(Fixture.Plane, Cluster.Namespace, typeof(RedisTopology.Cli.Hosting.ExitCodes).Assembly.Location);
        // What population.md says of it.
        await using var origin = await HttpOriginServer.StartAsync();
        origin.Values["/blogs/1"] = "The first post"u8.ToArray();
        SidecarProcess? sidecar = null;
        try
        {
            foreach (var (block, output) in GuidePages.Marked("run").Where(b => b.Block.Page == guide))
            {
                if (sidecar is null && Sidecar().IsMatch(block.Text))
                {
                    // The reader has it beside the app, at its usual ports, and reaches the origin by name.
                    var cluster = (await shell.RunAsync("kubectl get cc -o jsonpath='{.items[*].metadata.name}'", Cancel)).Trim();
                    sidecar = await Cluster.StartSidecarAsync(cluster, shell.Home, line => Origin().Replace(line, origin.Url));
                    shell.Replace("redis-cli -p 6379", $"redis-cli -e -p {sidecar.Port}");
                    shell.Replace("127.0.0.1:8379", $"127.0.0.1:{sidecar.AdminPort}");
                }

                if (Exec().IsMatch(block.Text))
                    await ExecAsync(block.Text);
                else
                    await shell.RunAsync(block, output, Cancel);
            }
        }
        finally
        {
            if (sidecar is not null)
                await sidecar.DisposeAsync();
        }
    }

    /// <summary>Objects that no test has room to run: a server is asked whether it would take them.</summary>
    [Fact]
    public async Task Other_objects_are_accepted()
    {
        using var shell = await GuideShell.CreateAsync(Fixture.Plane, Cluster.Namespace, "");
        var blocks = GuidePages.Blocks.Where(b => b is { IsObject: true, Mark: "" }).ToList();
        Assert.NotEmpty(blocks);
        // An API server of 1.20 that is built with a newer Go takes an empty text for null.
        var ancient = Fixture.Plane.ServerVersion < new Version(1, 24);
        foreach (var text in blocks.Select(b => ancient ? EmptyText().Replace(b.Text, "") : b.Text))
            await shell.RunAsync($"kubectl apply --dry-run=server -f - <<'END'\n{text}END\n", Cancel);
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

    [GeneratedRegex(@"^ +\w+: """" *(#.*)?\n", RegexOptions.Multiline)]
    private static partial Regex EmptyText();

    [GeneratedRegex(@"redis-cli -p 6379|127\.0\.0\.1:8379")]
    private static partial Regex Sidecar();

    [GeneratedRegex(@"http://[\w-]+-api(?=/)")]
    private static partial Regex Origin();
}
