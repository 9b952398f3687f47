using System.Net;
using System.Text.RegularExpressions;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Operator;
using RedisTopology.Operator.Entities;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests.Validation;

/// <summary>
/// The rules of the CRD as a real API server enforces them: that it accepts the rules at all (they compile, and fit its cost budget), and that each
/// refuses what it should with the message of <see cref="Rules"/>.
/// </summary>
public sealed partial class CelRulesTests(IntegrationFixture fixture)
{
    private static int _clusters;

    private const string Halves = "{name: a, ranges: ['0-8191']}, {name: b, ranges: ['8192-16383']}";
    private const string Ids = "mode: KeyRange, keyRange: {patterns: ['user:{id}'], granularity: 1000}, shards: [{name: a, ranges: ['1-1000']}, {name: b, ranges: ['1001-2000']}, {name: c, ranges: ['2001-']}]";
    private const string Ranged = $"size: {{memory: 64Mi}}, sharding: {{{Ids}}}";
    private const string Counted = "size: {memory: 64Mi}, sharding: {count: 3}";
    private const string Named = $"size: {{memory: 64Mi}}, sharding: {{shards: [{Halves}]}}";

    /// <summary>Specs of a new CacheCluster, in YAML's flow style, and why they are refused.</summary>
    public static TheoryData<string, string> Refused => new()
    {
        { "size: {memory: 64Mi}, sharding: {}", Rules.CountOrShards },
        { "size: {memory: 64Mi}, sharding: {mode: HashSlot}", Rules.CountOrShards },
        { $"size: {{memory: 64Mi}}, sharding: {{count: 2, shards: [{Halves}]}}", Rules.CountOrShards },
        { "size: {memory: 64Mi}, sharding: {shards: [{name: a, ranges: ['0-16382']}]}", Rules.RangesCover },
        { "size: {memory: 64Mi}, sharding: {shards: [{name: a, ranges: ['0-8191']}, {name: b, ranges: ['8191-16383']}]}", Rules.RangesCover },
        { "size: {memory: 64Mi}, sharding: {shards: [{name: a, ranges: ['0-5460', '5462-16383']}]}", Rules.RangesCover },
        { "size: {memory: 64Mi}, sharding: {shards: [{name: nodes, ranges: ['0-16383']}]}", Rules.ShardNameReserved },
        { "size: {memory: 64Mi}, sharding: {shards: [{name: masters, ranges: ['0-16383']}]}", Rules.ShardNameReserved },
        { "size: {memory: 64Mi}, sharding: {shards: [{name: replicas, ranges: ['0-16383']}]}", Rules.ShardNameReserved },
        { "size: {memory: 64Mi}, sharding: {shards: [{name: config, ranges: ['0-16383']}]}", Rules.ShardNameReserved },
        { "size: {memory: 64Mi}, sharding: {shards: [{name: sidecar, ranges: ['0-16383']}]}", Rules.ShardNameReserved },
        { "size: {memory: 64Mi}, sharding: {shards: [{name: auth, ranges: ['0-16383']}]}", Rules.ShardNameReserved },
        { "size: {memory: 64Mi}, sharding: {shards: [{name: a, ranges: ['0-']}]}", Rules.RangesCover },
        { "size: {memory: 64Mi}, sharding: {mode: KeyRange, shards: [{name: a, ranges: ['1-']}]}", Rules.KeyRangeNeeded },
        { "size: {memory: 64Mi}, sharding: {keyRange: {patterns: ['user:{id}'], granularity: 1000}, count: 3}", Rules.KeyRangeNeeded },
        { "size: {memory: 64Mi}, sharding: {mode: KeyRange, keyRange: {patterns: ['user:{id}'], granularity: 1000}, count: 3}", Rules.KeyRangeCount },
        { Ranged.Replace("'2001-'", "'2001-3000'", StringComparison.Ordinal), Rules.IdsCover },
        { Ranged.Replace("'2001-'", "'3001-'", StringComparison.Ordinal), Rules.IdsCover },
        { Ranged.Replace("'1001-2000'", "'1-1000'", StringComparison.Ordinal).Replace("'2001-'", "'1001-'", StringComparison.Ordinal), Rules.IdsCover },
        { $"{Counted}, failover: {{durability: Bounded}}", Rules.BoundedNeedsReplicas },
        { $"{Counted}, replicas: 1, failover: {{durability: Bounded}}", Rules.BoundedNeedsReplicas },
        { "size: {memory: 64Mi}, replicas: 2, failover: {durability: Bounded}, sharding: {shards: [{name: a, ranges: ['0-16383'], replicas: 1}]}", Rules.BoundedNeedsReplicas },
        { $"{Counted}, sidecar: {{population: [{{match: 'blog:{{id}}'}}]}}", Rules.LazyOrWriteThrough },
        { $"{Counted}, tls: {{secretName: mine}}", Rules.TlsNotEnabled },
        { $"{Counted}, tls: {{certManagerIssuer: mine}}", Rules.TlsNotEnabled },
        { $"{Counted}, tls: {{enabled: true, secretName: mine, certManagerIssuer: ours}}", Rules.TlsOneSource },
    };

    /// <summary>Id ranges and patterns, and why they are refused; the message is made by an expression.</summary>
    public static TheoryData<string, string> RefusedByExpression => new()
    {
        { Second("1001-1500"), NotWhole("1001-1500", "1001-2000") },
        { Second("1001-1499"), NotWhole("1001-1499", "1001-2000") },
        { Second("1001-2600"), NotWhole("1001-2600", "1001-3000") },
        { Second("7"), NotWhole("7", "1-1000") },
        { Second("0-999"), NotWhole("0-999", "1-1000") },
        { Second("1500-1001"), NotWhole("1500-1001", "1001-2000") },
        { Second("1499-"), NotWhole("1499-", "1001-") },
        { Second("2001-16384000"), NotWhole("2001-16384000", "2001-") },
        { Second("99999999-"), NotWhole("99999999-", "16383001-") },
        { Keys("'user:'"), "spec.sharding.keyRange.patterns: \\\"user:\\\" has not exactly one {id}; write it where the number stands, for example \\\"user:{id}\\\"" },
        { Keys("'a{id}', '{user}:{id}'"), "spec.sharding.keyRange.patterns: \\\"{user}:{id}\\\" has braces that are not {id}; keys that begin with a hash tag of their own cannot be sharded by id" },
        { Keys("'a*{id}'"), "spec.sharding.keyRange.patterns: \\\"a*{id}\\\" has a * that is not its last character; only there it stands for any rest of the key" },
        { Keys("'{id}7'"), "spec.sharding.keyRange.patterns: \\\"{id}7\\\" has a digit right after {id}, which would be taken for a part of the id; put another character between them" },
    };

    /// <summary>Specs of a new CacheCluster that are fine.</summary>
    public static TheoryData<string> Accepted =>
    [
        Counted,
        Named,
        Ranged,
        Ranged.Replace("granularity", "first: 1, granularity", StringComparison.Ordinal),
        "size: {memory: 64Mi}, sharding: {mode: KeyRange, keyRange: {patterns: ['{id}', '{user:{id}}:cart', 'a:{id}:*'], first: 0, granularity: 100000000000000}, shards: [{name: a, ranges: ['0-']}]}",
        "size: {memory: 1Gi, cpu: 500m}, sharding: {count: 256}, replicas: 9",
        "size: {memory: 67108864, cpu: 1}, sharding: {count: 1}, replicas: 0",
        $"{Counted}, replicas: 2, failover: {{durability: Bounded, nodeTimeout: 2500ms}}",
        "size: {memory: 64Mi}, sharding: {shards: [{name: a, ranges: ['0-5', '7', '9-16383']}, {name: b, ranges: ['6', '8']}]}",
    ];

    /// <summary>A spec, what it may not be changed to, and why.</summary>
    public static TheoryData<string, string, string> Unchangeable => new()
    {
        { Counted, $"{Counted}, engine: {{type: Valkey}}", Rules.EngineTypeImmutable },
        { Counted, $"{Counted}, auth: {{existingSecret: mine}}", Rules.AuthImmutable },
        { Counted, $"{Counted}, tls: {{enabled: true}}", Rules.TlsImmutable },
        { $"{Counted}, tls: {{enabled: true}}", Counted, Rules.TlsImmutable },
        { Counted, $"{Counted}, persistence: {{mode: RDB}}", Rules.PersistenceImmutable },
        { $"{Counted}, persistence: {{mode: AOF}}", Counted, Rules.PersistenceImmutable },
        { Counted, Ranged, Rules.ModeImmutable },
        { Ranged, Named, Rules.ModeImmutable },
        { Ranged, Ranged.Replace("'user:{id}'", "'user:{id}', 'cart:{id}'", StringComparison.Ordinal), Rules.KeyRangeImmutable },
        { Ranged, Ranged.Replace("granularity: 1000", "granularity: 500", StringComparison.Ordinal), Rules.KeyRangeImmutable },
        { $"{Counted}, persistence: {{mode: AOF}}", $"{Counted}, persistence: {{mode: AOF, storage: {{storageClassName: fast}}}}", Rules.StorageClassImmutable },
    };

    /// <summary>A spec, and what it may be changed to.</summary>
    public static TheoryData<string, string> Changeable => new()
    {
        { Counted, $"{Counted}, replicas: 3" },
        { $"{Counted}, tls: {{enabled: true}}", $"{Counted}, tls: {{enabled: true, secretName: mine}}" },
        { $"{Counted}, tls: {{enabled: true, secretName: mine}}", $"{Counted}, tls: {{enabled: true, certManagerIssuer: ClusterIssuer/ours}}" },
        { Counted, $"{Counted}, engine: {{version: '7.4', image: 'mirror.example/redis:7.4'}}" },
        { Counted, "size: {memory: 128Mi, cpu: 2, maxMemoryPercent: 71, evictionPolicy: noeviction}, sharding: {count: 3}" },
        { Counted, $"{Counted}, replicas: 2, failover: {{nodeTimeout: 2s, durability: Bounded}}" },
        { Counted, "size: {memory: 64Mi}, sharding: {count: 4}" },
        { Counted, Named },
        { Named, Counted },
        { Named, "size: {memory: 64Mi}, sharding: {shards: [{name: a, ranges: ['0-8191']}, {name: c, ranges: ['8192-16383']}]}" },
        { Named, "size: {memory: 64Mi}, sharding: {shards: [{name: a, ranges: ['0-16383']}]}" },
        { Named, "size: {memory: 64Mi}, sharding: {shards: [{name: a, ranges: ['0-9000']}, {name: b, ranges: ['9001-16383']}]}" },
        { Ranged, Ranged.Replace("'1001-2000'", "'1001-5000'", StringComparison.Ordinal).Replace("'2001-'", "'5001-'", StringComparison.Ordinal) },
        { Ranged, "size: {memory: 64Mi}, sharding: {mode: KeyRange, keyRange: {patterns: ['user:{id}'], granularity: 1000}, shards: [{name: a, ranges: ['1-2000']}, {name: c, ranges: ['2001-']}]}" },
        { Counted, $"{Counted}, paused: true" },
        { Counted, $"{Counted}, config: {{hz: '50', notify-keyspace-events: ''}}" },
        { $"{Counted}, persistence: {{mode: AOF}}", $"{Counted}, persistence: {{mode: RDB, storage: {{size: 20Gi, reclaim: Retain}}}}" },
        { Counted, $"{Counted}, scheduling: {{nodeSelector: {{disk: fast}}}}" },
        { Named, "size: {memory: 64Mi}, sharding: {shards: [{name: b, ranges: ['8192-16383'], replicas: 0}, {name: a, ranges: ['0-8191'], replicas: 3}]}" },
    };

    [Fact]
    public void Every_rule_of_the_crd_is_tried_below()
    {
        var tried = Refused.Select(r => r.Data.Item2).Concat(Unchangeable.Select(r => r.Data.Item3))
            .Append(Rules.WholeTablets); // Which an expression says with the range: see below.
        var stated = MessagePattern().Matches(ManifestsCommand.Generate().Single(f => f.Path == "crd/cacheclusters.yaml").Text).Select(m => Plain(m.Groups["message"].Value)).ToList();

        Assert.NotEmpty(stated);
        Assert.Equal(stated.Order(StringComparer.Ordinal), tried.Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_new_cluster_is_refused(string spec, string message) => await RefusedAsync(NextName(), spec, message);

    [Theory]
    [MemberData(nameof(RefusedByExpression))]
    public async Task A_new_cluster_is_refused_by_name(string spec, string message) => await RefusedAsync(NextName(), spec, message);

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task A_new_cluster_is_accepted(string spec) => await ApplyAsync(NextName(), spec);

    [Theory]
    [MemberData(nameof(Unchangeable))]
    public async Task A_change_is_refused(string before, string after, string message)
    {
        var name = NextName();
        await ApplyAsync(name, before);

        await RefusedAsync(name, after, message);
    }

    [Theory]
    [MemberData(nameof(Changeable))]
    public async Task A_change_is_accepted(string before, string after)
    {
        var name = NextName();
        await ApplyAsync(name, before);

        await ApplyAsync(name, after);
    }

    private static string Keys(string patterns) => $"size: {{memory: 64Mi}}, sharding: {{mode: KeyRange, keyRange: {{patterns: [{patterns}], granularity: 1000}}, shards: [{{name: a, ranges: ['1-']}}]}}";

    private static string Second(string range) => Ranged.Replace("'1001-2000'", $"'{range}'", StringComparison.Ordinal);

    /// <summary>What the operator says: see TabletsTests.</summary>
    private static string NotWhole(string range, string nearest) =>
        $"spec.sharding.shards[b].ranges: \"{range}\" is not made of whole tablets (1000 ids each from 1, the last of 16384 open); the nearest range that is: \"{nearest}\"";

    private static string NextName() => $"cel-{Interlocked.Increment(ref _clusters)}";

    private Task ApplyAsync(string name, string spec)
    {
        _ = fixture.Kubelet;
        // The harness leaves the rules out for older servers.
        Prerequisites.Server(fixture.Plane, new Version(1, 25), "validation rules in CRDs (CEL)");
        return fixture.Plane.ApplyAsync(
            $"{{apiVersion: cache.redistopology.io/v1alpha1, kind: CacheCluster, metadata: {{name: {name}}}, spec: {{{spec}}}}}", ct: TestContext.Current.CancellationToken);
    }

    private async Task RefusedAsync(string name, string spec, string message)
    {
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => ApplyAsync(name, spec));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains(Plain(message), Plain(refused.Message), StringComparison.Ordinal);
    }

    /// <summary>Quotes are escaped in YAML and in the API server's answer.</summary>
    private static string Plain(string text) => text.Replace("\\\"", "\"", StringComparison.Ordinal);

    [GeneratedRegex("""^\s*- message: "?(?<message>.*?)"?\r?$""", RegexOptions.Multiline)]
    private static partial Regex MessagePattern();
}
