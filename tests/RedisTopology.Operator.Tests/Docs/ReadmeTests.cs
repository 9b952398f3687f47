using System.Text.RegularExpressions;
using k8s;
using RedisTopology.Core.Planning;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Status;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Tests.Docs;

/// <summary>What the README says can be copied, run or looked up is so.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    private static readonly List<string> Objects = [.. GuidePages.Blocks.Where(b => b is { Page: "README.md", IsObject: true }).Select(b => b.Text)];

    public static TheoryData<string> Clusters => [.. Objects];

    public static TheoryData<string> Links => [.. Link().Matches(Text).Select(m => m.Groups[1].Value).Where(l => !l.Contains("://", StringComparison.Ordinal)).Distinct()];

    [Fact]
    public void There_are_examples() => Assert.True(Clusters.Count >= 2);

    [Theory]
    [MemberData(nameof(Clusters))]
    public void An_example_is_a_valid_cluster_with_known_fields_only(string yaml)
    {
        var types = new Dictionary<string, Type> { ["cache.redistopology.io/v1alpha1/CacheCluster"] = typeof(CacheCluster) };
        var cluster = Assert.IsType<CacheCluster>(Assert.Single(KubernetesYaml.LoadAllFromString(yaml, types, strict: true)));
        Assert.Empty(SpecValidator.Validate(cluster, null).Errors);
    }

    [Fact]
    public void The_short_example_is_the_sample()
    {
        var sample = File.ReadAllText(Repository.Config("samples/minimal.yaml"));
        Assert.Contains(Objects[0].Trim(), sample, StringComparison.Ordinal);
    }

    [Fact]
    public void The_long_example_has_every_field_of_the_schema()
    {
        var example = Objects[1];
        var spec = typeof(CacheClusterSpec).GetProperties().SelectMany(p => p.PropertyType.Namespace == typeof(CacheClusterSpec).Namespace && p.PropertyType.IsClass ? [p, .. p.PropertyType.GetProperties()] : new[] { p });
        // An even split and explicit shards exclude each other: the one not shown is named in a comment.
        Assert.All(spec, p => Assert.Matches($@"\b{char.ToLowerInvariant(p.Name[0])}{p.Name[1..]}:", example));
    }

    [Fact]
    public void Its_make_targets_exist()
    {
        var targets = Target().Matches(File.ReadAllText(Path.Combine(Repository.Root, "Makefile"))).Select(m => m.Groups[1].Value).ToHashSet();
        var named = MakeCommand().Matches(Text).Select(m => m.Groups[1].Value).ToList();
        Assert.True(named.Count > 5);
        Assert.All(named, n => Assert.Contains(n, targets));
    }

    [Fact]
    public void Every_make_target_has_its_line_of_help()
    {
        var makefile = File.ReadAllText(Path.Combine(Repository.Root, "Makefile"));
        var phony = Regex.Match(makefile, @"^\.PHONY: (.*)$", RegexOptions.Multiline).Groups[1].Value.Split(' ');
        // Parts of "check", not for themselves.
        Assert.All(phony.Where(t => !t.EndsWith("-check", StringComparison.Ordinal)), t => Assert.Matches(new Regex($"^{t}:.* ## .+$", RegexOptions.Multiline), makefile));
    }

    [Theory]
    [MemberData(nameof(Links))]
    public void What_it_links_to_exists(string link) => Assert.True(Path.Exists(Path.Combine(Repository.Root, link)), link);

    [Fact]
    public void Its_table_of_conditions_is_complete()
    {
        string[] conditions = [Conditions.Ready, Conditions.Progressing, Conditions.Degraded, Conditions.SlotsCovered, Conditions.SpecValid, Conditions.StorageReady];
        Assert.All(conditions, c => Assert.Contains($"| `{c}` |", Text, StringComparison.Ordinal));
        Assert.All(Enum.GetNames<WaitReason>(), r => Assert.Contains($"| `{r}` |", Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Its_table_of_events_is_complete()
    {
        var source = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "src/RedisTopology.Operator"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText));
        var published = Published().Matches(source).SelectMany(m => Literal().Matches(m.Groups[1].Value)).Select(m => m.Groups[1].Value).ToHashSet();
        var table = Text[Text.IndexOf("| event |", StringComparison.Ordinal)..];
        var listed = Literal2().Matches(table[..table.IndexOf("\n\n", StringComparison.Ordinal)]).Select(m => m.Groups[1].Value).ToHashSet();
        Assert.True(published.Count >= 7, string.Join(", ", published));
        Assert.Equal(published.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"\]\(([^)#]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^([a-z-]+):", RegexOptions.Multiline)]
    private static partial Regex Target();

    [GeneratedRegex(@"(?:^|`)make ([a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex MakeCommand();

    // events(cluster, REASON, message...): the reason is a literal, or a choice between two.
    [GeneratedRegex(@"\bevents\([\w.]+, ([^$]*?), (?:\$""|complaint|\w+!?,)")]
    private static partial Regex Published();

    [GeneratedRegex(@"""(\w+)""")]
    private static partial Regex Literal();

    [GeneratedRegex(@"`(\w+)`")]
    private static partial Regex Literal2();
}
