using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;
using RedisTopology.Testing.Kubelet.Nodes;

namespace RedisTopology.Operator.Tests.Manifests;

public sealed class ClusterManifestsTests
{
    private const string Tuned = """
        {"engine": {"image": "mirror.example/redis:7.4"}, "size": {"memory": "2Gi", "cpu": "1500m", "maxMemoryPercent": 60, "evictionPolicy": "volatile-ttl"}, "replicas": 2,
         "sharding": {"shards": [{"name": "hot", "ranges": ["0-99", "200-300"], "replicas": 4}, {"name": "cold", "ranges": ["100-199", "301-16383"]}]},
         "auth": {"existingSecret": "shared"},
         "scheduling": {"zoneSpread": "Required", "nodeSpread": "None", "nodeSelector": {"pool": "cache", "arch": "arm64"}, "priorityClassName": "high",
           "tolerations": [{"key": "cache", "operator": "Equal", "value": "yes", "effect": "NoExecute", "tolerationSeconds": 30}, {"operator": "Exists"}]}}
        """;

    private const string Valkey = """{"engine": {"type": "Valkey", "version": "8.0"}, "size": {"memory": "512Mi", "cpu": null}, "sharding": {"count": 1}, "replicas": 0, "sidecar": {"failoverBuffer": "500ms"}}""";

    private const string Bounded = """{"size": {"memory": "1Gi"}, "replicas": 2, "sharding": {"count": 1}, "failover": {"nodeTimeout": "1500ms", "durability": "Bounded"}}""";

    private const string Durable = """
        {"size": {"memory": "4Gi"}, "replicas": 1, "sharding": {"count": 1}, "persistence": {"mode": "AOF", "storage": {"size": "20Gi", "storageClassName": "fast"}},
         "config": {"maxclients": "20000", "io-threads": "4", "proc-title-template": "a \"b\" \\ c", "appendfsync": "always"}}
        """;

    private const string Encrypted = """{"size": {"memory": "1Gi"}, "sharding": {"count": 1}, "tls": {"enabled": true}}""";

    [Theory]
    [InlineData("durable", Durable)]
    [InlineData("encrypted", Encrypted)]
    [InlineData("typical", TestClusters.Even)]
    [InlineData("explicit-shards", Tuned)]
    [InlineData("valkey", Valkey)]
    [InlineData("bounded", Bounded)]
    public void The_manifests_are_as_reviewed(string name, string spec) => Golden.Verify(Yaml(spec), $"Manifests/{name}.yaml");

    [Theory]
    [InlineData(TestClusters.Even)]
    [InlineData(Tuned)]
    public void The_same_definition_gives_the_same_bytes(string spec)
    {
        Assert.Equal(Build(spec).Select(m => m.Document.ToJsonString()), Build(spec).Select(m => m.Document.ToJsonString()));

        // A selector in another order is the same selector.
        var other = TestClusters.With(Tuned, "scheduling.nodeSelector", """{"arch": "arm64", "pool": "cache"}""");
        Assert.Equal(Build(Tuned).Where(m => m.Kind == "StatefulSet").Select(m => m.Hash), Build(other).Where(m => m.Kind == "StatefulSet").Select(m => m.Hash));
    }

    /// <summary>A machine room has nodes and no zones: a master and its replica are not to fall together there either.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_pods_of_a_shard_go_to_different_nodes_and_zones_where_there_are_any(bool zones)
    {
        var nodes = Enumerable.Range(0, 4).Select(i => new V1Node { Metadata = new V1ObjectMeta { Name = $"n{i}", Labels = new Dictionary<string, string> { ["kubernetes.io/hostname"] = $"n{i}" } } }).ToList();
        for (var i = 0; zones && i < nodes.Count; i++)
            nodes[i].Metadata.Labels["topology.kubernetes.io/zone"] = $"z{i / 2}";
        // The first node is the emptiest by far, so whatever is not told to spread goes there.
        var placed = Enumerable.Range(1, 3).SelectMany(i => Enumerable.Repeat(i, 9)).Select(i => new V1Pod { Metadata = new V1ObjectMeta { Uid = $"other{i}" }, Spec = new V1PodSpec { NodeName = $"n{i}" } }).ToList();

        var template = Build(TestClusters.Even).First(m => m.Kind == "StatefulSet").Document["spec"]!["template"]!.ToJsonString();
        for (var i = 0; i < 2; i++)
        {
            var pod = KubernetesJson.Deserialize<V1Pod>(template);
            pod.Metadata.Uid = $"{i}";
            pod.Spec.NodeName = NodeChoice.Pick(pod, nodes, placed).Node!.Name();
            placed.Add(pod);
        }

        Assert.Equal(["n0", zones ? "n2" : "n1"], placed.TakeLast(2).Select(p => p.Spec.NodeName));
    }

    /// <summary>Masters of a new cluster that stand on one node are a majority that goes with it. That they are apart must put no master beside its replica, though, also where there are two nodes.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void The_first_pods_of_the_shards_go_to_different_nodes(int count)
    {
        var nodes = Enumerable.Range(0, count).Select(i => new V1Node { Metadata = new V1ObjectMeta { Name = $"n{i}", Labels = new Dictionary<string, string> { ["kubernetes.io/hostname"] = $"n{i}" } } }).ToList();
        var placed = Enumerable.Range(1, count - 1).SelectMany(i => Enumerable.Repeat(i, 9)).Select(i => new V1Pod { Metadata = new V1ObjectMeta { Uid = $"other{i}" }, Spec = new V1PodSpec { NodeName = $"n{i}" } }).ToList();
        foreach (var ordinal in (int[])[0, 1])
        {
            foreach (var set in Build(TestClusters.Even).Where(m => m.Kind == "StatefulSet"))
            {
                var pod = KubernetesJson.Deserialize<V1Pod>(set.Document["spec"]!["template"]!.ToJsonString());
                pod.Metadata.Uid = $"{set.Name}-{ordinal}";
                pod.Metadata.Labels["apps.kubernetes.io/pod-index"] = $"{ordinal}";
                pod.Spec.NodeName = NodeChoice.Pick(pod, nodes, placed).Node!.Name();
                placed.Add(pod);
            }
        }

        var first = placed.Where(p => p.Uid().EndsWith("-0", StringComparison.Ordinal)).ToDictionary(p => p.Uid()[..^2], p => p.Spec.NodeName);
        Assert.Equal(count, first.Values.Distinct().Count());
        Assert.All(placed.Where(p => p.Uid().EndsWith("-1", StringComparison.Ordinal)), p => Assert.NotEqual(first[p.Uid()[..^2]], p.Spec.NodeName));
    }

    /// <summary>The pods of a shard that is to go are made as those of the others; the templates of its claims cannot be changed.</summary>
    [Fact]
    public void A_shard_that_is_to_go_has_the_pods_of_the_others_and_keeps_its_claims()
    {
        var old = Build(Durable).First(m => m.Kind == "StatefulSet").Document;
        var now = TestClusters.Define(TestClusters.With(TestClusters.With(Durable, "persistence.storage.size", "\"30Gi\""), "engine.image", "\"mirror.example/redis:7.4\""));
        var leaving = ClusterManifests.Leaving(now, "s7", () => old).Document["spec"]!;
        Assert.Equal("mirror.example/redis:7.4", (string?)leaving["template"]!["spec"]!["containers"]![0]!["image"]);
        Assert.Equal(old["spec"]!["volumeClaimTemplates"]!.ToJsonString(), leaving["volumeClaimTemplates"]!.ToJsonString());
        Assert.Null(leaving["replicas"]);
        Assert.False(ClusterManifests.Leaving(now, "s7", () => new JsonObject()).Document["spec"]!.AsObject().ContainsKey("volumeClaimTemplates"));
    }

    [Theory]
    [InlineData(TestClusters.Even)]
    [InlineData(Tuned)]
    public void Every_object_says_whose_it_is(string spec)
    {
        foreach (var manifest in Build(spec))
        {
            var metadata = manifest.Document["metadata"]!;
            Assert.Equal("shop", (string?)metadata["namespace"]);
            Assert.Equal(manifest.Name, (string?)metadata["name"]);
            var owner = Assert.Single(metadata["ownerReferences"]!.AsArray())!;
            Assert.Equal(
                """{"apiVersion":"cache.redistopology.io/v1alpha1","blockOwnerDeletion":true,"controller":true,"kind":"CacheCluster","name":"blog-cache","uid":"7f4a4e5c-0001"}""",
                new JsonObject(owner.AsObject().OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone()))).ToJsonString());
            Assert.Equal("blog-cache", (string?)metadata["labels"]![Labels.Cluster]);
            Assert.Equal(Labels.Manager, (string?)metadata["labels"]!["app.kubernetes.io/managed-by"]);
            Assert.Equal(manifest.Hash, (string?)metadata["annotations"]![Labels.Applied]);
            Assert.Matches("^[0-9a-f]{16}$", manifest.Hash);
            Assert.Null(manifest.Document["status"]);
        }
    }

    [Fact]
    public void The_hash_follows_the_content()
    {
        var before = Build(TestClusters.Even).ToDictionary(m => m.Id, m => m.Hash);
        var after = Build(TestClusters.With(TestClusters.Even, "scheduling.priorityClassName", "\"high\"")).ToDictionary(m => m.Id, m => m.Hash);
        Assert.Equal(["StatefulSet/blog-cache-s0", "StatefulSet/blog-cache-s1", "StatefulSet/blog-cache-s2"], before.Keys.Where(k => before[k] != after[k]).Order());
    }

    [Fact]
    public void The_number_of_pods_is_no_part_of_a_StatefulSets_document()
    {
        var few = Build(TestClusters.With(TestClusters.Even, "replicas", "0"));
        var many = Build(TestClusters.With(TestClusters.Even, "replicas", "9"));
        Assert.Equal(few.Select(m => m.Document.ToJsonString()), many.Select(m => m.Document.ToJsonString()));
        Assert.All(few.Where(m => m.Kind == "StatefulSet"), m => Assert.False(m.Document["spec"]!.AsObject().ContainsKey("replicas")));
    }

    [Fact]
    public void The_longest_accepted_names_stay_within_every_limit()
    {
        var cluster = new string('c', ResourceNames.MaxStatefulSetName - 1 - Rules.MaxShardName);
        var shard = new string('s', Rules.MaxShardName);
        var definition = TestClusters.Define($$"""{"size": {"memory": "1Gi"}, "sharding": {"shards": [{"name": "{{shard}}", "ranges": ["0-16383"]}] } }""", cluster);
        var manifests = ClusterManifests.Build(definition, "{}");
        Assert.All(manifests, m => Assert.Matches("^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$", m.Name));
        Assert.All(manifests.Where(m => m.Kind == "StatefulSet"), m => Assert.True(m.Name.Length <= 52));
        Assert.All(manifests.SelectMany(m => m.Document["metadata"]!["labels"]!.AsObject()), l => Assert.True(((string)l.Value!).Length <= 63));

        // The hostname of a pod, with its first label of at most 63 characters, and the whole of at most 253 with the longest namespace.
        var names = new ResourceNames(cluster);
        var hostname = names.Hostname(names.Pod(shard, Rules.MaxReplicas), new string('n', 63));
        Assert.True(hostname.Split('.')[0].Length <= 63);
        Assert.True(hostname.Length + ".cluster.local".Length <= 253);
    }

    [Fact]
    public void Data_pods_can_do_nothing_they_need_not()
    {
        foreach (var manifest in Build(TestClusters.Even).Where(m => m.Kind == "StatefulSet"))
        {
            var pod = manifest.Document["spec"]!["template"]!["spec"]!;
            Assert.False((bool)pod["automountServiceAccountToken"]!);
            Assert.True((bool)pod["securityContext"]!["runAsNonRoot"]!);
            Assert.Equal("RuntimeDefault", (string?)pod["securityContext"]!["seccompProfile"]!["type"]);
            var container = Assert.Single(pod["containers"]!.AsArray())!;
            Assert.True((bool)container["securityContext"]!["readOnlyRootFilesystem"]!);
            Assert.False((bool)container["securityContext"]!["allowPrivilegeEscalation"]!);
            Assert.Equal("""["ALL"]""", container["securityContext"]!["capabilities"]!["drop"]!.ToJsonString());
            Assert.DoesNotContain("secretKeyRef", container.ToJsonString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_accepted_spec_is_kept_on_two_objects_and_reads_back()
    {
        var cluster = TestClusters.Of(Tuned);
        var text = JsonSerializer.Serialize(cluster.Spec, ApiJson.Options);
        var kept = ClusterManifests.Build(TestClusters.Define(Tuned), text)
            .Select(m => (m.Id, Text: (string?)m.Document["metadata"]!["annotations"]![Labels.AcceptedSpec])).Where(m => m.Text is not null).ToList();
        Assert.Equal(["ConfigMap/blog-cache-config", "Service/blog-cache-nodes"], kept.Select(k => k.Id));
        Assert.All(kept, k => Assert.Equal(text, JsonSerializer.Serialize(JsonSerializer.Deserialize<CacheClusterSpec>(k.Text!, ApiJson.Options), ApiJson.Options)));
    }

    private static string Yaml(string spec) => ManifestYaml.Write(Build(spec).Select(m =>
    {
        // The scripts are files of their own, with tests of their own; here their names will do.
        var document = m.Document.DeepClone().AsObject();
        if (document["data"] is JsonObject data)
        {
            foreach (var script in data.Select(d => d.Key).Where(k => k.EndsWith(".sh", StringComparison.Ordinal)).ToList())
                data[script] = "...";
            document["metadata"]!["annotations"]![Labels.Applied] = "...";
        }

        document["kind"] = m.Kind;
        return (object)document;
    }));

    private static Manifest[] Build(string spec) => [.. ClusterManifests.Build(TestClusters.Define(spec), "{}")];
}
