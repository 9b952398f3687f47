using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Tests.Validation;

/// <summary>Whatever a deserializer may give: the validator answers, and what it accepts can be built.</summary>
public sealed class TotalityTests
{
    private static readonly Gen<JsonNode?> Text = Gen.OneOf(
        AnyOf("", " ", "\n", "5s", "5s\n", "60001ms", "7.2", "7.2\n", "9.9-x", "-", "0-16383", "0-5", "6-16383", "16383-0", "a", "b", "A", "masters", "redis", "1Gi", "1", "-1", "500m", "1e30", "allkeys-lru", "HashSlot", "Exists", "grüße", "..", new string('x', 300)),
        Gen.String).Select(t => (JsonNode?)JsonValue.Create(t));

    // Mostly quantities: a text that is none makes the whole object unreadable, and the sample says nothing.
    private static readonly Gen<JsonNode?> Amount = Gen.Frequency(
        (9, AnyOf("1Gi", "0", "-1", "500m", "32Mi", "31Mi", "1e30", "16Ei", "0.1", "-5n").Select(t => (JsonNode?)JsonValue.Create(t))),
        (1, Text));

    private static readonly Gen<JsonNode?> Number = Gen.OneOf(AnyOf(0, 1, 2, 3, -1, 10, 70, 256, 257, int.MaxValue, int.MinValue), Gen.Int).Select(n => (JsonNode?)JsonValue.Create(n));

    private static readonly Gen<JsonNode?> Null = Gen.Const((JsonNode?)null);

    private static readonly Gen<JsonNode?> Shard = Object(("name", Text), ("ranges", List(Text)), ("replicas", Number));

    private static readonly Gen<JsonNode?> Spec = Object(
        ("engine", Object(("type", Enum<EngineType>()), ("version", Text), ("image", Text))),
        ("size", Object(("memory", Amount), ("cpu", Amount), ("maxMemoryPercent", Number), ("evictionPolicy", Text))),
        ("replicas", Number),
        ("sharding", Object(("mode", Text), ("count", Number), ("shards", List(Shard)))),
        ("failover", Object(("nodeTimeout", Text), ("durability", Enum<Durability>()))),
        ("auth", Object(("existingSecret", Text))),
        ("tls", Object(("enabled", Gen.Bool.Select(b => (JsonNode?)JsonValue.Create(b))), ("secretName", Text), ("certManagerIssuer", Text))),
        ("scheduling", Object(("zoneSpread", Enum<Spread>()), ("nodeSpread", Enum<Spread>()), ("nodeSelector", Object(("k", Text))), ("tolerations", List(Object(("key", Text), ("operator", Text)))), ("priorityClassName", Text))),
        ("config", Object(("hz", Text), ("io-threads", Text), ("port", Text), ("Hz", Text))),
        ("persistence", Object(("mode", Enum<PersistenceMode>()), ("storage", Object(("size", Amount), ("storageClassName", Text), ("reclaim", Enum<ReclaimPolicy>()))))),
        ("paused", Gen.Bool.Select(b => (JsonNode?)JsonValue.Create(b))));

    [Fact]
    public void The_validator_answers_whatever_it_is_given()
    {
        var seen = 0;
        Gen.Select(Spec, Spec, Text).Sample((spec, accepted, name) =>
        {
            if (!TryRead(spec, name!.GetValue<string>(), out var cluster) || !TryRead(accepted, "x", out var former))
                return;
            Interlocked.Increment(ref seen);
            var (definition, errors) = SpecValidator.Validate(cluster, former.Spec);
            Assert.Equal(definition is null, errors.Length > 0);
            Assert.All(errors, e => Assert.Matches("^(spec|metadata)\\.", e));
        }, iter: 3000);
        Assert.True(seen > 500, $"only {seen} of the samples could be read at all");
    }

    [Fact]
    public void What_is_accepted_can_be_built()
    {
        // Each field of a valid spec in turn is null, absent, or something else.
        string[] paths = ["engine", "engine.version", "engine.image", "engine.type", "size", "size.memory", "size.cpu", "size.maxMemoryPercent", "size.evictionPolicy", "replicas", "sharding.mode", "sharding.count", "failover", "failover.nodeTimeout", "failover.durability", "auth", "auth.existingSecret", "tls", "tls.enabled", "tls.secretName", "tls.certManagerIssuer", "scheduling", "scheduling.nodeSelector", "scheduling.tolerations", "scheduling.priorityClassName", "paused", "config", "persistence", "persistence.mode", "persistence.storage", "persistence.storage.size"];
        var built = 0;
        Gen.Select(AnyOf(paths), Gen.OneOf(Null, Null, Text, Number, List(Text), Object(("k", Text)))).Sample((path, value) =>
        {
            if (!TryRead(JsonNode.Parse(TestClusters.With(TestClusters.Even, path, value?.ToJsonString() ?? "null")), "blog", out var cluster))
                return;
            if (SpecValidator.Validate(cluster, null).Definition is { } definition)
            {
                Interlocked.Increment(ref built);
                Assert.NotEmpty(ClusterManifests.Build(definition, "{}"));
            }
        }, iter: 1000);
        Assert.True(built > 100, $"only {built} of the samples were accepted");
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"engine": null, "size": null, "sharding": null, "failover": null, "auth": null, "config": null, "persistence": null, "scheduling": null}""")]
    [InlineData("""{"engine": {"version": null, "image": null}, "size": {"memory": null, "cpu": null, "evictionPolicy": null}, "sharding": {"mode": null, "count": null, "shards": null}, "failover": {"nodeTimeout": null}, "auth": {"existingSecret": null}, "scheduling": {"nodeSelector": null, "tolerations": null, "priorityClassName": null}}""")]
    public void An_explicit_null_is_as_good_as_absence(string spec) => Assert.Equal(
        ["spec.size.memory is missing; write for example \"1Gi\"", "spec.sharding: give exactly one of count and shards"],
        SpecValidatorTests.Errors(spec));

    private static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static bool TryRead(JsonNode? spec, string name, out CacheCluster cluster)
    {
        try
        {
            cluster = TestClusters.Of(spec, name);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not even of the type: an API server with the schema lets no such thing in, and the watch has its own tests for it.
            cluster = null!;
            return false;
        }
    }

    private static Gen<JsonNode?> Enum<T>()
        where T : struct, Enum => Gen.Enum<T>().Select(v => (JsonNode?)JsonValue.Create(v.ToString()));

    private static Gen<JsonNode?> List(Gen<JsonNode?> item) =>
        Gen.Frequency((1, Null), (8, Gen.Frequency((1, Null), (8, item)).List[0, 4].Select(items => (JsonNode?)new JsonArray([.. items.Select(i => i?.DeepClone())]))));

    private static Gen<JsonNode?> Object(params (string Name, Gen<JsonNode?> Value)[] fields) => Gen.Frequency(
        (1, Null),
        (9, fields.Aggregate(Gen.Const(Array.Empty<(string, JsonNode?)>()), (all, field) =>
            Gen.Select(all, Gen.Int[0, 9], field.Value, (a, how, value) => how switch
            {
                0 => a,
                1 => [.. a, (field.Name, null)],
                _ => [.. a, (field.Name, value)],
            })).Select(a =>
            {
                var o = new JsonObject();
                foreach (var (name, value) in a)
                    o[name] = value?.DeepClone();
                return (JsonNode?)o;
            })));
}
