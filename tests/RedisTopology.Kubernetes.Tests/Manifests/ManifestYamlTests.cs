using System.Text.Json.Nodes;
using CsCheck;
using RedisTopology.Kubernetes.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace RedisTopology.Kubernetes.Tests.Manifests;

public sealed class ManifestYamlTests
{
    [Fact]
    public void Identity_leads_and_the_rest_is_sorted()
    {
        var yaml = ManifestYaml.Write(JsonNode.Parse("""{"spec":{"b":1,"a":[],"name":"no"},"kind":"K","metadata":{"namespace":"x","name":"web"},"apiVersion":"v1"}""")!);

        Assert.Equal("apiVersion: v1\nkind: K\nmetadata:\n  name: web\n  namespace: x\nspec:\n  name: \"no\"\n  a: []\n  b: 1\n", yaml);
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("1e3")]
    [InlineData("0x10")]
    [InlineData("1_000")]
    [InlineData("12:30")]
    [InlineData("2026-01-01")]
    [InlineData("~")]
    [InlineData("")]
    [InlineData("- a")]
    [InlineData("a: b")]
    [InlineData("a #b")]
    [InlineData("1Gi")]
    public void Text_stays_text(string text)
    {
        var yaml = ManifestYaml.Write(new JsonObject { ["v"] = text });
        var scalar = Parse(yaml);

        Assert.Equal(text, scalar.Value);
        if (text is not "1Gi")
            Assert.NotEqual(YamlDotNet.Core.ScalarStyle.Plain, scalar.Style);
    }

    [Fact]
    public void Any_text_survives()
        => Gen.String[Pick.From("a: -#'\"\\\n\t {}[]&*!|>%@`yn0.".ToCharArray()), 0, 12].Sample(text => Parse(ManifestYaml.Write(new JsonObject { ["v"] = text })).Value == text, iter: 20_000);

    [Theory]
    [InlineData("#!/bin/sh\nset -e\n\nexec redis-server\n")]
    [InlineData("a\nb")]
    public void Scripts_are_blocks(string text)
    {
        var scalar = Parse(ManifestYaml.Write(new JsonObject { ["v"] = text }));

        Assert.Equal(text, scalar.Value);
        Assert.Equal(YamlDotNet.Core.ScalarStyle.Literal, scalar.Style);
    }

    private static YamlScalarNode Parse(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return (YamlScalarNode)((YamlMappingNode)stream.Documents[0].RootNode)["v"];
    }
}
