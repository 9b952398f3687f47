using System.Text.Json.Serialization.Metadata;
using RedisTopology.Population;
using StackExchange.Redis;

namespace RedisTopology.Client;

/// <summary>Where the cluster is, and how its keys are populated.</summary>
public sealed class CacheClusterOptions
{
    /// <summary>The name of the policy that a call without one has.</summary>
    public const string DefaultPolicyName = "default";

    private readonly Dictionary<string, CachePolicy> _policies = new(StringComparer.Ordinal) { [DefaultPolicyName] = new(DefaultPolicyName, new(), TimeSpan.Zero) };
    private readonly List<IJsonTypeInfoResolver> _json = [];

    /// <summary>
    /// A sidecar, or nodes of a cluster, as StackExchange.Redis writes it: <c>host:port,host:port,option=value</c>. Default <c>127.0.0.1:6379</c>, where a sidecar listens.
    /// Which of the two it is, is found out.
    /// </summary>
    public string Configuration { get; set; } = "127.0.0.1:6379";

    /// <summary>A file with the password, as a Secret is mounted; read when the connection is made. Default null: none, or the one in <see cref="Configuration"/>.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>Changes what <see cref="Configuration"/> has become, e.g. for TLS. Default null.</summary>
    public Action<ConfigurationOptions>? ConfigureConnection { get; set; }

    /// <summary>A connection that is there already, in place of <see cref="Configuration"/>; it is not closed with the cache. Default null.</summary>
    public IConnectionMultiplexer? Connection { get; set; }

    /// <summary>How fresh reads are. Default <see cref="CacheConsistency.Session"/>. Through a sidecar this is its business.</summary>
    public CacheConsistency Consistency { get; set; } = CacheConsistency.Session;

    /// <summary>For how long at most a key is read from its master after this process wrote it, when replicas do not catch up. Default 10 seconds; 100 ms to 10 minutes.</summary>
    public TimeSpan SessionLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The mapping of ids, for a cluster that is sharded by KeyRange. Default null: keys are what they are.</summary>
    public KeyRangeOptions? KeyRange { get; set; }

    /// <summary>Turns values into bytes. Default: <see cref="JsonCacheSerializer"/> with the types of <see cref="UseJson"/>.</summary>
    public ICacheSerializer? Serializer { get; set; }

    /// <summary>
    /// Whether keys are put into traces and into the texts of the connection's exceptions. Default false: a key may name a person. Values and passwords never are.
    /// </summary>
    public bool RevealKeys { get; set; }

    /// <summary>The policy of calls that name none. Default: a <see cref="PopulationPolicy"/> as it is made, which is fresh for 10 minutes.</summary>
    public PopulationPolicy DefaultPolicy
    {
        get => _policies[DefaultPolicyName].Population;
        set => AddPolicy(DefaultPolicyName, value);
    }

    internal IEnumerable<CachePolicy> Policies => _policies.Values;

    /// <summary>Adds a policy, or replaces the one of this name.</summary>
    /// <param name="name">Its name, which is also a label of the metrics: a few words, not one for each key.</param>
    /// <param name="policy">How its keys are populated.</param>
    /// <param name="localTtl">
    /// How long a value is kept in this process too (in the registered HybridCache, whose second level is not used), so that it may be that old when another process has written it. Default zero: not at all.
    /// </param>
    /// <returns>These options.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public CacheClusterOptions AddPolicy(string name, PopulationPolicy policy, TimeSpan localTtl = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentOutOfRangeException.ThrowIfLessThan(localTtl, TimeSpan.Zero);
        _policies[name] = new(name, policy.Validated(), localTtl);
        return this;
    }

    /// <summary>Adds types for the JSON serializer: a source-generated <c>JsonSerializerContext</c>, as a rule its <c>Default</c>.</summary>
    /// <param name="types">Knows the types.</param>
    /// <returns>These options.</returns>
    public CacheClusterOptions UseJson(IJsonTypeInfoResolver types)
    {
        ArgumentNullException.ThrowIfNull(types);
        _json.Add(types);
        return this;
    }

    internal ICacheSerializer SerializerOrJson() => Serializer ?? new JsonCacheSerializer([.. _json]);

    internal void Validate()
    {
        if (Connection is null && string.IsNullOrWhiteSpace(Configuration))
            throw new ArgumentException($"{nameof(Configuration)} is empty; write host:port of a sidecar, or of nodes of the cluster");
        ArgumentOutOfRangeException.ThrowIfLessThan(SessionLimit, TimeSpan.FromMilliseconds(100), nameof(SessionLimit));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SessionLimit, TimeSpan.FromMinutes(10), nameof(SessionLimit));
    }
}
