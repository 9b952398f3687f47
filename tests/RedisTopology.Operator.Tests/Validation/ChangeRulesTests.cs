using System.Text.Json.Nodes;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Tests.Validation;

public sealed class ChangeRulesTests
{
    [Theory]
    [InlineData("engine.type", "\"Valkey\"", Rules.EngineTypeImmutable)]
    [InlineData("auth.existingSecret", "\"mine\"", Rules.AuthImmutable)]
    [InlineData("tls", """{"enabled": true}""", Rules.TlsImmutable)]
    [InlineData("persistence", """{"mode": "RDB"}""", Rules.PersistenceImmutable)]
    [InlineData("persistence.storage.storageClassName", "\"fast\"", Rules.StorageClassImmutable)]
    public void An_immutable_field_cannot_change(string path, string value, string message) =>
        Assert.Equal([message], Errors(TestClusters.Even, TestClusters.With(TestClusters.Even, path, value)));

    [Fact]
    public void The_source_of_a_certificate_may_change()
    {
        var before = TestClusters.With(TestClusters.Even, "tls", """{"enabled": true, "secretName": "mine"}""");
        Assert.Empty(Errors(before, TestClusters.With(before, "tls.secretName", "\"other\"")));
        Assert.Empty(Errors(before, TestClusters.With(before, "tls.secretName", "absent")));
        Assert.Contains(Rules.TlsImmutable, Errors(before, TestClusters.With(before, "tls", "absent")));
    }

    [Theory]
    [InlineData("engine.version", "\"7.4\"")]
    [InlineData("engine.image", "\"other\"")]
    [InlineData("engine", "null")]
    [InlineData("size.memory", "\"2Gi\"")]
    [InlineData("size.memory", "\"64Mi\"")]
    [InlineData("size.cpu", "\"2\"")]
    [InlineData("size.maxMemoryPercent", "50")]
    [InlineData("size.evictionPolicy", "\"noeviction\"")]
    [InlineData("replicas", "3")]
    [InlineData("failover", """{"nodeTimeout": "6s", "durability": "Bounded"}""")]
    [InlineData("paused", "true")]
    [InlineData("config", """{"hz": "50", "io-threads": "2"}""")]
    [InlineData("scheduling", """{"zoneSpread": "Required", "nodeSelector": {"a": "b"}}""")]
    [InlineData("sharding", """{"count": 5}""")]
    [InlineData("sharding.shards", """[{"name": "a", "ranges": ["0-16383"]}]""")]
    [InlineData("sharding.shards", """[{"name": "b", "ranges": ["0-99", "200-16383"]}, {"name": "a", "ranges": ["100-199"]}]""")]
    [InlineData("sharding.shards", """[{"name": "x", "ranges": ["0-16383"], "replicas": 4}]""")]
    public void What_may_change_may_change(string path, string value)
    {
        // Bounded durability needs two replicas, before and after.
        var before = TestClusters.With(TestClusters.Explicit, "replicas", "2");
        Assert.Empty(Errors(before, TestClusters.With(before, path, value)));
    }

    [Theory]
    [InlineData("""{"mode": "RDB", "storage": {"size": "30Gi"}}""", null)]
    [InlineData("""{"mode": "AOF", "storage": {"size": "20480Mi", "reclaim": "Retain"}}""", null)]
    [InlineData("""{"mode": "AOF", "storage": {"size": "19Gi"}}""", Rules.StorageShrinks)]
    [InlineData("""{"mode": "None", "storage": {"size": "20Gi"}}""", Rules.PersistenceImmutable)]
    public void Volumes_grow_and_snapshots_become_logs_but_nothing_goes_away(string persistence, string? message)
    {
        var before = TestClusters.With(TestClusters.Even, "persistence", """{"mode": "AOF", "storage": {"size": "20Gi"}}""");
        Assert.Equal(message is null ? [] : [message], Errors(before, TestClusters.With(before, "persistence", persistence)));
    }

    [Fact]
    public void The_number_of_shards_may_become_named_shards_and_back()
    {
        Assert.Empty(Errors(TestClusters.Even, TestClusters.Explicit));
        Assert.Empty(Errors(TestClusters.Explicit, TestClusters.Even));
    }

    [Fact]
    public void Changes_and_mistakes_are_reported_together()
    {
        var changed = TestClusters.With(TestClusters.With(TestClusters.Even, "engine.type", "\"Valkey\""), "replicas", "12");
        Assert.Equal(["spec.replicas: 12 is outside 0 to 9", Rules.EngineTypeImmutable], Errors(TestClusters.Even, changed));
    }

    private static string[] Errors(string accepted, string changed) =>
        [.. SpecValidator.Validate(TestClusters.Of(changed), TestClusters.Of(JsonNode.Parse(accepted)).Spec).Errors];
}
