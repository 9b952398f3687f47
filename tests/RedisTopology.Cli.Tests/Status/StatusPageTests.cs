using RedisTopology.Cli.Status;

namespace RedisTopology.Cli.Tests.Status;

public sealed class StatusPageTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 6, 10, 0, TimeSpan.Zero);

    [Fact]
    public void It_names_shards_ranges_roles_and_conditions()
    {
        var text = Draw(120);
        foreach (var part in new[] { "shop in web", "16384/16384 slots", "3,579 keys", "300 ops/s", "0-8191 (8192)", "├─ shop-s0-0", "└─ shop-s0-1", "1 KiB", "node-b", "Ready", "Serving", "10m" })
            Assert.Contains(part, text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_line_is_wider_than_the_terminal() => Assert.All(Draw(100).Split('\n'), line => Assert.True(line.TrimEnd().Length <= 100, line));

    private static string Draw(int width)
    {
        var output = new StringWriter();
        StatusPage.Write(CliRun.Console(output, width), ClusterViewBuilder.Build(Samples.Cluster(), Samples.Pods(), Samples.Reports()), Now);
        return output.ToString();
    }
}
