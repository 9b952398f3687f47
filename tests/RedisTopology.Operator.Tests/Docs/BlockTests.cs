namespace RedisTopology.Operator.Tests.Docs;

/// <summary>What can be copied is carried out by a test, or stands here with the reason why not.</summary>
public sealed class BlockTests
{
    // Which tests carry out what has these marks.
    private static readonly Dictionary<string, string> Runners = new()
    {
        ["run"] = "tests/RedisTopology.Integration.Tests/GuideTests.cs",
        ["run installed"] = "tests/RedisTopology.Charts.Tests/Releases/HarnessTests.cs",
        ["run kustomize"] = "tests/RedisTopology.Charts.Tests/Releases/ReleaseTests.cs",
    };

    private static readonly (string Page, string FirstLine, string Reason)[] NotRun =
    [
        ("README.md", "make demo", "runs every test, this one too; the demo brings a control plane of its own, for a minute"),
        ("README.md", "   7.1 s Applying", "what the demo prints, shortened"),
        ("README.md", "make sidecar ", "takes a minute to compile; CI runs it, and the sidecar's DemoTests the demo"),
        ("README.md", "builder.Services.AddCacheCluster", "two statements of a program; src/samples/BlogCricketTweets has them whole, and its tests run it"),
        ("README.md", "make cli ", "takes a minute; the tests of the guides run the plugin as it was built with them"),
        ("README.md", "observe   objects and pods", "nothing to copy"),
        ("README.md", "src/RedisTopology.Core ", "nothing to copy"),
        ("docs/guides/contributing.md", "make build ", "what CI does"),
        ("docs/guides/platform.md", "kubectl get configmap blog-cache-sidecar ", "needs a cluster with TLS; TlsTests reads the authority from there and verifies servers by it"),
        ("docs/reference/sidecar-configuration.md", "seeds: [blog-cache-nodes:6379]", "a file; the test of --check in the sidecar's SidecarProgramTests reads it"),
        ("docs/runbooks/CacheOperatorQueueStuck.md", "kubectl -n redis-topology-system top pods ", "needs a metrics server"),
    ];

    public static TheoryData<string> Listed => [.. NotRun.Select(n => $"{n.Page}: {n.FirstLine}")];

    [Fact]
    public void Every_block_is_run_or_the_reason_is_known()
    {
        Assert.True(GuidePages.Blocks.Count > 60);
        Assert.All(GuidePages.Blocks, block => Assert.True(
            IsRun(block) || block.Mark == "output" || block is { IsObject: true, Mark: "" } || NotRun.Any(n => Fits(n, block)),
            $"{block}: neither is it marked (run, run installed, run kustomize) nor does the list of BlockTests say why it cannot be."));
    }

    [Fact]
    public void An_output_follows_what_is_run() => Assert.All(
        GuidePages.Blocks.Select((b, i) => (Block: b, Before: i == 0 ? null : GuidePages.Blocks[i - 1])).Where(p => p.Block.Mark == "output"),
        p => Assert.True(p.Before is { Mark: "run" } before && before.Page == p.Block.Page, p.Block.ToString()));

    [Theory]
    [MemberData(nameof(Listed))]
    public void What_is_listed_is_there_once_and_not_run(string listed) =>
        Assert.False(IsRun(Assert.Single(GuidePages.Blocks, b => NotRun.Any(n => $"{n.Page}: {n.FirstLine}" == listed && Fits(n, b)))));

    [Fact]
    public void Marks_are_known_to_the_tests_they_name() =>
        Assert.All(Runners, r => Assert.Contains($"GuidePages.Marked(\"{r.Key}\")", File.ReadAllText(Path.Combine(Repository.Root, r.Value)), StringComparison.Ordinal));

    private static bool IsRun(GuideBlock block) => block.Language is "sh" or "yaml" && Runners.ContainsKey(block.Mark);

    private static bool Fits((string Page, string FirstLine, string Reason) listed, GuideBlock block) =>
        listed.Page == block.Page && block.FirstLine.StartsWith(listed.FirstLine, StringComparison.Ordinal) && listed.Reason.Length > 0;
}
