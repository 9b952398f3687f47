using System.Text.Json;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Tests.Validation;

public sealed class SpecValidatorTests
{
    private const string Policies = "noeviction, allkeys-lru, allkeys-lfu, allkeys-random, volatile-lru, volatile-lfu, volatile-random, volatile-ttl";

    [Theory]
    [InlineData("engine.version", "\"latest\"", "spec.engine.version: \"latest\" is not a version; write for example \"7.2\"")]
    [InlineData("engine.version", "\"\"", "spec.engine.version: \"\" is not a version; write for example \"7.2\"")]
    [InlineData("engine.version", "\"7\"", "spec.engine.version: \"7\" is not a version; write for example \"7.2\"")]
    [InlineData("engine.version", "\"7.2\\n\"", "spec.engine.version: \"7.2\n\" is not a version; write for example \"7.2\"")]
    [InlineData("engine.version", "\"99999999999.0\"", "spec.engine.version: \"99999999999.0\" is not a version; write for example \"7.2\"")]
    [InlineData("engine.version", "\"6.2\"", "spec.engine.version: Redis 6.2 is too old; use 7.0 or newer")]
    [InlineData("engine", """{"type": "Valkey", "version": "7.0"}""", "spec.engine.version: Valkey 7.0 is too old; use 7.2 or newer")]
    [InlineData("size.memory", "absent", "spec.size.memory is missing; write for example \"1Gi\"")]
    [InlineData("size.memory", "null", "spec.size.memory is missing; write for example \"1Gi\"")]
    [InlineData("size", "{}", "spec.size.memory is missing; write for example \"1Gi\"")]
    [InlineData("size.memory", "\"31Mi\"", "spec.size.memory: 31Mi is too little for a server and its replication; use 32Mi or more")]
    [InlineData("size.memory", "\"500m\"", "spec.size.memory: 500m is too little for a server and its replication; use 32Mi or more")]
    [InlineData("size.memory", "\"0\"", "spec.size.memory must be above 0; write for example \"1Gi\"")]
    [InlineData("size.memory", "\"-1Gi\"", "spec.size.memory must be above 0; write for example \"1Gi\"")]
    [InlineData("size.memory", "\"1e99\"", "spec.size.memory: \"1e99\" is too much; write for example \"1Gi\"")]
    [InlineData("size.cpu", "\"0\"", "spec.size.cpu must be above 0; write for example \"500m\"")]
    [InlineData("size.maxMemoryPercent", "9", "spec.size.maxMemoryPercent: 9 is outside 10 to 95")]
    [InlineData("size.maxMemoryPercent", "96", "spec.size.maxMemoryPercent: 96 is outside 10 to 95")]
    [InlineData("size.evictionPolicy", "\"lru\"", $"spec.size.evictionPolicy: \"lru\" is none of {Policies}")]
    [InlineData("replicas", "-1", "spec.replicas: -1 is outside 0 to 9")]
    [InlineData("replicas", "10", "spec.replicas: 10 is outside 0 to 9")]
    [InlineData("sharding.mode", "\"Range\"", "spec.sharding.mode: \"Range\" is not known; write HashSlot or KeyRange")]
    [InlineData("sharding", "{}", "spec.sharding: give exactly one of count and shards")]
    [InlineData("sharding", "null", "spec.sharding: give exactly one of count and shards")]
    [InlineData("sharding.shards", """[{"name": "a", "ranges": ["0-16383"]}]""", "spec.sharding: give exactly one of count and shards")]
    [InlineData("sharding.count", "0", "spec.sharding.count: 0 is outside 1 to 256")]
    [InlineData("sharding.count", "257", "spec.sharding.count: 257 is outside 1 to 256")]
    [InlineData("failover.nodeTimeout", "\"5\"", "spec.failover.nodeTimeout: \"5\" is not a time from 1s to 60s in whole seconds or milliseconds; write for example \"5s\" or \"2500ms\"")]
    [InlineData("failover.nodeTimeout", "\"61s\"", "spec.failover.nodeTimeout: \"61s\" is not a time from 1s to 60s in whole seconds or milliseconds; write for example \"5s\" or \"2500ms\"")]
    [InlineData("failover.nodeTimeout", "\"999ms\"", "spec.failover.nodeTimeout: \"999ms\" is not a time from 1s to 60s in whole seconds or milliseconds; write for example \"5s\" or \"2500ms\"")]
    [InlineData("failover.nodeTimeout", "\"5s\\n\"", "spec.failover.nodeTimeout: \"5s\n\" is not a time from 1s to 60s in whole seconds or milliseconds; write for example \"5s\" or \"2500ms\"")]
    [InlineData("failover.durability", "\"Bounded\"", "spec.failover.durability: Bounded needs at least 2 replicas in every shard; set spec.replicas to 2 or more, or durability to Available")]
    [InlineData("tls", """{"enabled": true, "secretName": "Mine"}""", "spec.tls.secretName: \"Mine\" cannot be the name of a Secret; use lower-case letters, digits, '-' and '.'")]
    [InlineData("tls", """{"secretName": "mine"}""", Rules.TlsNotEnabled)]
    [InlineData("tls", """{"certManagerIssuer": "mine"}""", Rules.TlsNotEnabled)]
    [InlineData("tls", """{"enabled": true, "secretName": "a", "certManagerIssuer": "b"}""", Rules.TlsOneSource)]
    [InlineData("tls", """{"enabled": true, "certManagerIssuer": "Issuer/mine"}""", "spec.tls.certManagerIssuer: \"Issuer/mine\" cannot be the name of an issuer; write the name of an Issuer, or ClusterIssuer/NAME")]
    [InlineData("auth.existingSecret", "\"../other\"", "spec.auth.existingSecret: \"../other\" cannot be the name of a Secret; use lower-case letters, digits, '-' and '.'")]
    [InlineData("scheduling.tolerations", "[null]", "spec.scheduling.tolerations: an entry is null; remove it, or write {operator: Exists} to tolerate every taint")]
    [InlineData("persistence", """{"mode": "RDB", "storage": {"size": "512Mi"}}""", "spec.persistence.storage.size: 512Mi cannot hold the data of 1Gi of memory; use 1Gi or more, and twice that for AOF")]
    [InlineData("persistence", """{"mode": "AOF", "storage": {"size": 0}}""", "spec.persistence.storage.size must be above 0; write for example \"1Gi\"")]
    [InlineData("persistence.storage.storageClassName", "\"Fast!\"", "spec.persistence.storage.storageClassName: \"Fast!\" cannot be the name of a StorageClass; use lower-case letters, digits, '-' and '.'")]
    [InlineData("config", """{"maxclient": "5"}""", "spec.config: \"maxclient\" is no setting of Redis; did you mean \"maxclients\"?")]
    [InlineData("config", """{"io_threads": "5"}""", "spec.config: \"io_threads\" is no setting of Redis; did you mean \"io-threads\"?")]
    [InlineData("config", """{"something-else-entirely": "5"}""", "spec.config: \"something-else-entirely\" is no setting of Redis")]
    [InlineData("config", """{"maxmemory-policy": "noeviction"}""", "spec.config: \"maxmemory-policy\" is the operator's: use spec.size.evictionPolicy")]
    [InlineData("config", """{"slave-serve-stale-data": "no"}""", "spec.config: \"slave-serve-stale-data\" is another name of \"replica-serve-stale-data\"; use that")]
    [InlineData("config", """{"import-mode": "yes"}""", "spec.config: \"import-mode\" is no setting of Redis")]
    [InlineData("config", """{"lookahead": "8"}""", "spec.config: \"lookahead\" came with Redis 8.6, and spec.engine.version is 7.2")]
    [InlineData("config", """{"hz": null}""", "spec.config: \"hz\" has no value; write a text, for example \"10\"")]
    [InlineData("config", """{"hz": "10\nport 1"}""", "spec.config: the value of \"hz\" is longer than 1024 characters or has more than one line")]
    [InlineData("sidecar.failoverBuffer", "\"10\"", "spec.sidecar.failoverBuffer: \"10\" is not a time from 0s to 1h; write for example \"10s\"")]
    [InlineData("sidecar.failoverBuffer", "\"61m\"", "spec.sidecar.failoverBuffer: \"61m\" is not a time from 0s to 1h; write for example \"10s\"")]
    [InlineData("sidecar.population", """[{"match": "blog:{id}"}]""", "spec.sidecar.population[0]: give exactly one of lazy and writeThrough")]
    [InlineData("sidecar.population", """[null]""", "spec.sidecar.population[0]: is null; remove it")]
    [InlineData("sidecar.population", """[{"match": "blog:{id", "lazy": {"origin": "http://a/{id}", "ttl": "1m"}}]""", "spec.sidecar.population[0].match: \"blog:{id\" has a brace that begins no placeholder; write {name}, or {{ for the brace itself")]
    [InlineData("sidecar.population", """[{"match": "blog:{id}", "lazy": {"origin": "http://a/{no}", "ttl": "1m"}}]""", "spec.sidecar.population[0].lazy.origin: {no} is no placeholder of \"blog:{id}\"")]
    [InlineData("sidecar.population", """[{"match": "blog:{id}", "lazy": {"origin": "http://a/{id}", "ttl": "10"}}]""", "spec.sidecar.population[0].lazy.ttl: \"10\" is not a duration; write a number and its unit, for example 500ms, 5s or 10m")]
    [InlineData("sidecar.population", """[{"match": "blog:{id}", "writeThrough": {"origin": "http://a/{id}", "ttl": "0s"}}]""", "spec.sidecar.population[0].writeThrough.ttl: 0s is outside 1ms to 525600m")]
    [InlineData("sidecar.population", """[{"match": "blog:{id}", "lazy": {"origin": "http://a/{id}", "ttl": "1m", "jitter": 51}}]""", "spec.sidecar.population[0].lazy.jitter: 51 is outside 0 to 50")]
    [InlineData("sidecar.population", """[{"match": "blog:{id}", "lazy": {"origin": "http://a/{id}", "ttl": "1m", "waitReplicas": 1}}]""", "spec.sidecar.population[0].lazy.waitReplicas: belongs to writeThrough; remove it")]
    public void An_invalid_field_is_named_with_its_remedy(string path, string value, string message) =>
        Assert.Equal([message], Errors(TestClusters.With(TestClusters.Even, path, value)));

    [Theory]
    [InlineData("\"1GB\"")]
    [InlineData("\"\"")]
    [InlineData("\"two\"")]
    [InlineData("\"1e1.5\"")]
    [InlineData("true")]
    [InlineData("{}")]
    public void What_is_no_quantity_makes_the_object_unreadable_and_nothing_worse(string value)
    {
        Assert.Throws<JsonException>(() => TestClusters.Of(TestClusters.With(TestClusters.Even, "size.memory", value)));
        Assert.Throws<JsonException>(() => TestClusters.Of(TestClusters.With(TestClusters.Even, "size.cpu", value)));
    }

    [Theory]
    [InlineData("1073741824")]
    [InlineData("\"1024Mi\"")]
    [InlineData("1.073741824e9")]
    public void Every_way_to_write_a_quantity_is_read(string value) =>
        Assert.Equal(1L << 30, TestClusters.Define(TestClusters.With(TestClusters.Even, "size.memory", value)).Memory);

    [Theory]
    [InlineData("Blog", "metadata.name: \"Blog\" cannot begin the name of a Service; use lower-case letters, digits and '-', beginning with a letter")]
    [InlineData("1-blog", "metadata.name: \"1-blog\" cannot begin the name of a Service; use lower-case letters, digits and '-', beginning with a letter")]
    [InlineData("blog.cache", "metadata.name: \"blog.cache\" cannot begin the name of a Service; use lower-case letters, digits and '-', beginning with a letter")]
    [InlineData("blog-", "metadata.name: \"blog-\" cannot begin the name of a Service; use lower-case letters, digits and '-', beginning with a letter")]
    [InlineData("a2345678901234567890123456789012345678901234567890", "metadata.name: \"a2345678901234567890123456789012345678901234567890-s0\" would be the name of a StatefulSet and is longer than 52 characters; shorten the name of the cluster or of shard s0")]
    public void A_name_that_cannot_be_used_is_refused(string name, string message) =>
        Assert.Equal([message], SpecValidator.Validate(TestClusters.Of(TestClusters.Even, name), null).Errors);

    [Fact]
    public void A_name_too_long_for_the_headless_Service_is_refused_even_without_shards()
    {
        var name = new string('a', 58);
        var errors = SpecValidator.Validate(TestClusters.Of(TestClusters.With(TestClusters.Even, "sharding.count", "absent"), name), null).Errors;
        Assert.Contains($"metadata.name: \"{name}-nodes\" would be the name of a Service and is longer than 63 characters; shorten the name of the cluster", errors);
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        var errors = Errors("""
            {"engine": {"version": "x"}, "size": {"memory": "1Mi", "cpu": "-1", "maxMemoryPercent": 1, "evictionPolicy": "x"}, "replicas": 99,
             "sharding": {"mode": "x", "shards": [{"name": "A", "ranges": ["0-10"], "replicas": 77}, {"name": "b", "ranges": ["5-100"]}]},
             "failover": {"nodeTimeout": "x", "durability": "Bounded"}, "auth": {"existingSecret": "X"}, "scheduling": {"tolerations": [null]}}
            """);

        string[] fields =
        [
            "spec.engine.version:", "spec.size.memory:", "spec.size.maxMemoryPercent:", "spec.size.cpu ", "spec.size.evictionPolicy:", "spec.failover.nodeTimeout:", "spec.replicas:",
            "spec.sharding.mode:", "spec.sharding.shards[].name:", "spec.sharding.shards[A].replicas:", "spec.sharding.shards: slots 5-10 ", "spec.sharding.shards: slots 101-16383 ",
            "spec.auth.existingSecret:", "spec.scheduling.tolerations:",
        ];
        Assert.All(fields, field => Assert.Single(errors, e => e.StartsWith(field, StringComparison.Ordinal)));
        Assert.Equal(fields.Length, errors.Length);
    }

    [Fact]
    public void A_minimal_spec_is_filled_with_the_documented_defaults()
    {
        var definition = TestClusters.Define(TestClusters.Even);

        Assert.Equal(("blog-cache", "shop", "7f4a4e5c-0001", "redis:7.2"), (definition.Name, definition.Namespace, definition.Uid, definition.Image));
        Assert.Equal(1L << 30, definition.Memory);
        Assert.Equal((1L << 30) * 70 / 100, definition.Sizing.MaxMemory);
        Assert.Equal(TimeSpan.FromSeconds(5), definition.Topology.NodeTimeout);
        Assert.Equal(["s0 0-5460 1", "s1 5461-10922 1", "s2 10923-16383 1"], Shards(definition));
        Assert.Equal((SlotPlacement.Balanced, 1L << 30, definition.Sizing.MaxMemory, false),
            (definition.Topology.Placement, definition.Topology.Memory, definition.Topology.MaxMemory, definition.Topology.NoEviction));
    }

    [Fact]
    public void What_named_shards_and_noeviction_mean_is_told_to_the_planner()
    {
        var topology = TestClusters.Define(TestClusters.With(TestClusters.Explicit, "size.evictionPolicy", "\"noeviction\"")).Topology;
        Assert.Equal((SlotPlacement.Explicit, true), (topology.Placement, topology.NoEviction));
    }

    [Fact]
    public void Explicit_shards_keep_their_order_their_slots_and_their_own_replicas()
    {
        var definition = TestClusters.Define("""
            {"size": {"memory": "2Gi", "maxMemoryPercent": 50}, "replicas": 2, "failover": {"nodeTimeout": "2500ms", "durability": "Bounded"},
             "engine": {"type": "Valkey", "version": "8.0.1-alpine"},
             "sharding": {"shards": [{"name": "z", "ranges": ["100-16383"], "replicas": 3}, {"name": "a", "ranges": ["50-99", "0-48", "49"]}]}}
            """);

        Assert.Equal(["z 100-16383 3", "a 0-99 2"], Shards(definition));
        Assert.Equal(1L << 30, definition.Sizing.MaxMemory);
        Assert.Equal(TimeSpan.FromMilliseconds(2500), definition.Topology.NodeTimeout);
        Assert.Equal("valkey/valkey:8.0.1-alpine", definition.Image);
    }

    [Fact]
    public void An_image_of_ones_own_replaces_the_stock_one() =>
        Assert.Equal("mirror.example/redis:x", TestClusters.Define(TestClusters.With(TestClusters.Even, "engine.image", "\"mirror.example/redis:x\"")).Image);

    [Theory]
    [InlineData(0, true)]
    [InlineData(2, true)]
    [InlineData(1, false)]
    public void Bounded_durability_counts_the_replicas_of_each_shard(int replicasOfOne, bool refused)
    {
        // spec.replicas is 1: only shards with replicas of their own can have 2.
        var spec = JsonSerializer.Serialize(new
        {
            size = new { memory = "1Gi" },
            failover = new { durability = "Bounded" },
            sharding = new
            {
                shards = new object[]
                {
                    replicasOfOne == 1 ? new { name = "a", ranges = new[] { "0-99" }, replicas = 2 } : new { name = "a", ranges = new[] { "0-99" } },
                    new { name = "b", ranges = new[] { "100-16383" }, replicas = replicasOfOne == 0 ? 0 : 2 },
                },
            },
        });
        Assert.Equal(refused ? [Rules.BoundedNeedsReplicas] : [], Errors(spec));
    }

    [Theory]
    [InlineData("52")]
    [InlineData("longest")]
    public void The_longest_names_are_accepted(string which)
    {
        var name = which == "52" ? new string('a', 52 - "-s2".Length) : new string('a', 52 - 1 - Rules.MaxShardName);
        var spec = which == "52" ? TestClusters.Even : $$"""{"size": {"memory": "1Gi"}, "sharding": {"shards": [{"name": "{{new string('b', Rules.MaxShardName)}}", "ranges": ["0-16383"]}] } }""";
        Assert.Empty(SpecValidator.Validate(TestClusters.Of(spec, name), null).Errors);
        Assert.NotEmpty(SpecValidator.Validate(TestClusters.Of(spec, name + "a"), null).Errors);
    }

    internal static string[] Errors(string spec) => [.. SpecValidator.Validate(TestClusters.Of(spec), null).Errors];

    private static string[] Shards(ClusterDefinition definition) => [.. definition.Topology.Shards.Select((DesiredShard s) => $"{s.Name} {s.Slots} {s.Replicas}")];
}
