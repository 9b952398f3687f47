using System.Text.Json.Nodes;
using CsCheck;
using RedisTopology.Kubernetes.Tests.Support;

namespace RedisTopology.Kubernetes.Tests.Manifests;

public sealed class ManifestDiffTests
{
    private static readonly Gen<JsonNode> Trees = Tree(4);

    [Theory]
    [InlineData("""{"spec":{"replicas":3}}""", """{"spec":{"replicas":3,"revisionHistoryLimit":10},"status":{"replicas":1}}""")]
    [InlineData("""{"spec":{"limits":{"memory":"1024Mi","cpu":0.5}}}""", """{"spec":{"limits":{"memory":"1Gi","cpu":"500m"}}}""")]
    [InlineData("""{"spec":{"ports":[{"port":6379,"targetPort":"6379"}]}}""", """{"spec":{"ports":[{"port":6379,"protocol":"TCP","targetPort":6379}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"b"},{"name":"a","image":"x"}]}}""", """{"spec":{"containers":[{"name":"a","image":"x","imagePullPolicy":"Always"},{"name":"injected"},{"name":"b"}]}}""")]
    [InlineData("""{"metadata":{"labels":{}}}""", """{"metadata":{"name":"x"}}""")]
    [InlineData("""{"spec":{"tolerations":[]}}""", """{"spec":{}}""")]
    [InlineData("""{"spec":{"x":null}}""", """{"spec":{}}""")]
    [InlineData("""{"spec":{"maxUnavailable":1}}""", """{"spec":{"maxUnavailable":"1"}}""")]
    [InlineData("""{"spec":{"n":1.0}}""", """{"spec":{"n":1}}""")]
    [InlineData("""{"spec":{"x":1},"status":{"replicas":0}}""", """{"spec":{"x":1}}""")]
    [InlineData("""{"spec":{"time":"2026-01-02T03:04:05Z"}}""", """{"spec":{"time":"2026-01-02T03:04:05.000000Z"}}""")]
    [InlineData("""{"spec":{"t":[{"topologyKey":"zone","maxSkew":1}]}}""", """{"spec":{"t":[{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule"}]}}""")]
    public void Contained(string desired, string live) => Assert.Null(ManifestDiff.FirstDifference(JsonNode.Parse(desired)!, JsonNode.Parse(live)));

    [Theory]
    [InlineData("""{"spec":{"replicas":3}}""", """{"spec":{"replicas":2}}""", "spec.replicas")]
    [InlineData("""{"spec":{"replicas":3}}""", """{"spec":{}}""", "spec.replicas")]
    [InlineData("""{"spec":{"limits":{"memory":"1G"}}}""", """{"spec":{"limits":{"memory":"1Gi"}}}""", "spec.limits.memory")]
    [InlineData("""{"spec":{"containers":[{"name":"a","image":"x"}]}}""", """{"spec":{"containers":[{"name":"a","image":"y"}]}}""", "spec.containers[a].image")]
    [InlineData("""{"spec":{"containers":[{"name":"a"}]}}""", """{"spec":{"containers":[{"name":"b"}]}}""", "spec.containers[a]")]
    [InlineData("""{"spec":{"args":["a","b"]}}""", """{"spec":{"args":["b","a"]}}""", "spec.args[0]")]
    [InlineData("""{"spec":{"args":["a"]}}""", """{"spec":{"args":["a","b"]}}""", "spec.args")]
    [InlineData("""{"data":{"n":"1"}}""", """{"data":{"n":"01"}}""", "data.n")]
    [InlineData("""{"data":{"memory":"1Gi"}}""", """{"data":{"memory":"1024Mi"}}""", "data.memory")]
    [InlineData("""{"spec":{"flag":"true"}}""", """{"spec":{"flag":true}}""", "spec.flag")]
    [InlineData("""{"spec":{"replicas":"3"}}""", """{"spec":{"replicas":3}}""", "spec.replicas")]
    [InlineData("""{"spec":{"emptyDir":{}}}""", """{"spec":{}}""", "spec.emptyDir")]
    [InlineData("""{"spec":{"rules":[{"name":"a"}]}}""", """{"spec":{"rules":[{"name":"a"},{"name":"extra"}]}}""", "spec.rules[extra]")]
    public void Different(string desired, string live, string path)
        => Assert.Equal(path, ManifestDiff.FirstDifference(JsonNode.Parse(desired)!, JsonNode.Parse(live)));

    [Fact]
    public void Nothing_live_needs_an_apply() => Assert.True(ManifestDiff.NeedsApply(JsonNode.Parse("{}")!, null));

    [Fact]
    public void Everything_contains_itself() => Trees.Sample(t => !ManifestDiff.NeedsApply(Wrap(t), Wrap(t)));

    [Fact]
    public void Fields_the_server_adds_do_not_matter() => Gen.Select(Trees, Gen.Int[0, int.MaxValue]).Sample((tree, seed) =>
    {
        var live = tree.DeepClone();
        AddFields(live, new Random(seed));
        return !ManifestDiff.NeedsApply(Wrap(tree), Wrap(live));
    });

    [Fact]
    public void A_changed_leaf_is_always_noticed() => Gen.Select(Trees, Gen.Int[0, int.MaxValue]).Sample((tree, seed) =>
    {
        var live = Wrap(tree);
        var leaves = new List<JsonValue>();
        Collect(live, leaves);
        if (leaves.Count == 0)
            return true;
        var leaf = leaves[new Random(seed).Next(leaves.Count)];
        leaf.ReplaceWith(JsonValue.Create("changed!"));
        return ManifestDiff.NeedsApply(Wrap(tree), live);
    });

    private static JsonObject Wrap(JsonNode tree) => new() { ["spec"] = tree.DeepClone() };

    private static Gen<JsonNode> Tree(int depth)
    {
        var scalar = Gen.OneOf(Gen.Int.Select(i => (JsonNode)JsonValue.Create(i)), Gen.Bool.Select(b => (JsonNode)JsonValue.Create(b)), Gen.String[Gen.Char.AlphaNumeric, 1, 5].Select(s => (JsonNode)JsonValue.Create(s)));
        if (depth == 0)
            return scalar;
        var fields = Gen.Select(Pick.From("name", "key", "port", "protocol", "type", "image", "limits", "x", "y"), Tree(depth - 1)).Array[0, 4];
        var value = fields.Select(f =>
        {
            var result = new JsonObject();
            foreach (var (name, node) in f)
                result[name] = node.DeepClone();
            return (JsonNode)result;
        });
        var list = Tree(depth - 1).Array[0, 3].Select(items => (JsonNode)new JsonArray([.. items.Select(i => i.DeepClone())]));
        return Gen.Frequency((2, scalar), (4, value), (2, list));
    }

    private static void AddFields(JsonNode? node, Random random)
    {
        if (node is JsonObject fields)
        {
            foreach (var (_, value) in fields.ToList())
                AddFields(value, random);
            if (random.Next(2) == 0)
                fields["zzDefaulted"] = "by the server";
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
                AddFields(item, random);
        }
    }

    private static void Collect(JsonNode? node, List<JsonValue> leaves)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (_, value) in fields)
                    Collect(value, leaves);
                break;
            case JsonArray items:
                foreach (var item in items)
                    Collect(item, leaves);
                break;
            case JsonValue leaf:
                leaves.Add(leaf);
                break;
            default:
                break;
        }
    }
}
