using System.Text.RegularExpressions;
using k8s;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Tests.Docs;

/// <summary>What the guides refer to exists. What they say can be copied is carried out by the integration tests.</summary>
public sealed partial class GuidesTests
{
    public static TheoryData<string> Pages => [.. GuidePages.All.Where(p => p != "README.md")];

    [Theory]
    [MemberData(nameof(Pages))]
    public void What_a_page_links_to_exists(string page)
    {
        var path = Path.Combine(Repository.Root, page);
        foreach (var link in Link().Matches(File.ReadAllText(path)).Select(m => m.Groups[1].Value).Where(l => !l.Contains("://", StringComparison.Ordinal)))
            Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(path)!, link.Split('#')[0])), $"{page} links to {link}");
    }

    // In a decision "make" may be the first word of a line, and a target be gone.
    public static TheoryData<string> LivePages => [.. GuidePages.All.Where(p => p != "README.md" && !p.StartsWith("docs/decisions/", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(LivePages))]
    public void The_make_targets_a_page_names_exist(string page)
    {
        var makefile = File.ReadAllText(Path.Combine(Repository.Root, "Makefile"));
        foreach (var target in MakeCommand().Matches(File.ReadAllText(Path.Combine(Repository.Root, page))).Select(m => m.Groups[1].Value))
            Assert.Matches(new Regex($"^{target}:", RegexOptions.Multiline), makefile);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Its_clusters_are_valid(string page)
    {
        var types = new Dictionary<string, Type> { ["cache.redistopology.io/v1alpha1/CacheCluster"] = typeof(CacheCluster) };
        foreach (var block in GuidePages.Blocks.Where(b => b.Page == page && b.IsObject && b.Text.Contains("kind: CacheCluster", StringComparison.Ordinal)))
            Assert.Empty(SpecValidator.Validate(Assert.IsType<CacheCluster>(Assert.Single(KubernetesYaml.LoadAllFromString(block.Text, types, strict: true))), null).Errors);
    }

    [Fact]
    public void The_reference_has_every_field_with_its_description()
    {
        var page = ReferencePage.Render();
        foreach (var property in typeof(CacheClusterSpec).GetProperties())
            Assert.Contains($"`spec.{char.ToLowerInvariant(property.Name[0])}{property.Name[1..]}`", page, StringComparison.Ordinal);
        Assert.Contains("| `spec.sharding.shards[].replicas` | integer |", page, StringComparison.Ordinal);
        Assert.Contains("0 to 9.", page, StringComparison.Ordinal);
        Assert.Contains(Rules.CountOrShards, page, StringComparison.Ordinal);
        // Every row has a description.
        Assert.DoesNotContain(" |  |\n", page, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?:^|`)make ([a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex MakeCommand();
}
