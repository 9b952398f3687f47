using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using k8s.Models;
using RedisTopology.Core.Keys;
using RedisTopology.Core.Sizing;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;

namespace RedisTopology.Operator.Validation;

/// <summary>
/// Turns a spec into a <see cref="ClusterDefinition"/>, or says everything that is wrong with it, each time naming the field and the remedy. It repeats what
/// the CRD already enforces, because an older API server knows no CEL, and adds what CEL cannot say at a bearable cost.
/// </summary>
public static partial class SpecValidator
{
    private const string NoEviction = "noeviction";

    /// <summary>Validates a CacheCluster.</summary>
    /// <param name="cluster">The entity.</param>
    /// <param name="accepted">The last spec that was accepted, for the rules on changes; null for a new cluster.</param>
    /// <returns>The definition and no errors, or null and at least one error.</returns>
    public static (ClusterDefinition? Definition, ImmutableArray<string> Errors) Validate(CacheCluster cluster, CacheClusterSpec? accepted)
    {
        var errors = ImmutableArray.CreateBuilder<string>();
        var spec = cluster.Spec ?? new CacheClusterSpec();
        var name = cluster.Metadata.Name ?? "";

        CheckEngine(spec.Engine, errors);
        var memory = CheckSize(spec.Size, errors);
        CheckPersistence(spec.Persistence, memory, spec.Size, errors);
        var timeout = CheckTimeout(spec.Failover, errors);
        InRange("spec.replicas", spec.Replicas, 0, Rules.MaxReplicas, errors);
        var shards = CheckSharding(spec, errors, out var keys);
        CheckNames(name, shards, errors);
        CheckReferences(spec, errors);
        var formerFor = CheckFormerPassword(spec.Auth, errors);
        CheckFailoverBuffer(spec.Sidecar, errors);
        ConfigRules.Check(spec, errors);
        PopulationRules.Check(spec.Sidecar.Population, errors);
        if (spec.Failover.Durability == Durability.Bounded && (shards.Count == 0 ? spec.Replicas < 2 : shards.Any(s => s.Replicas < 2)))
            errors.Add(Rules.BoundedNeedsReplicas);
        if (accepted is not null)
            ChangeRules.Check(accepted, spec, errors);
        if (errors.Count > 0)
            return (null, errors.ToImmutable());

        var sizing = MemorySizing.For(memory, spec.Size.MaxMemoryPercent);
        var topology = new DesiredTopology([.. shards], timeout)
        {
            Placement = spec.Sharding.Count is null ? SlotPlacement.Explicit : SlotPlacement.Balanced,
            Memory = memory,
            MaxMemory = sizing.MaxMemory,
            NoEviction = spec.Size.EvictionPolicy == NoEviction || spec.Size.EvictionPolicy.StartsWith("volatile-", StringComparison.Ordinal),
            BoundsLoss = spec.Failover.Durability == Durability.Bounded,
            PersistsData = spec.Persistence.Mode != PersistenceMode.None,
            LogsWrites = spec.Persistence.Mode == PersistenceMode.AOF,
        };
        return (new ClusterDefinition(name, cluster.Metadata.NamespaceProperty, cluster.Metadata.Uid, spec, topology, memory, sizing) { Keys = keys, FormerPasswordFor = formerFor }, []);
    }

    private static void CheckEngine(EngineSpec engine, ImmutableArray<string>.Builder errors)
    {
        var minimum = engine.Type == EngineType.Valkey ? new Version(7, 2) : new Version(7, 0);
        if (!TryVersion(engine.Version, out var version))
            errors.Add($"spec.engine.version: \"{engine.Version}\" is not a version; write for example \"{Rules.DefaultVersion}\"");
        else if (version < minimum)
            errors.Add($"spec.engine.version: {engine.Type} {engine.Version} is too old; use {minimum} or newer");
    }

    /// <summary>Major and minor of a version.</summary>
    internal static bool TryVersion(string text, out Version version)
    {
        var valid = Version.TryParse(string.Join('.', text.Split('.', '-').Take(2)), out var parsed) && Matches(VersionRegex(), text);
        version = parsed ?? new Version();
        return valid;
    }

    private static long CheckSize(SizeSpec size, ImmutableArray<string>.Builder errors)
    {
        var memory = Bytes("spec.size.memory", size.Memory, errors);
        if (memory is >= 0 and < MemorySizing.MinimumMemory)
            errors.Add($"spec.size.memory: {size.Memory} is too little for a server and its replication; use {MemorySizing.MinimumMemory >> 20}Mi or more");
        InRange("spec.size.maxMemoryPercent", size.MaxMemoryPercent, 10, 95, errors);
        if (size.Cpu is { } cpu && TryValue(cpu, out var cores) && cores <= 0)
            errors.Add("spec.size.cpu must be above 0; write for example \"500m\"");
        string[] policies = [NoEviction, "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"];
        if (!policies.Contains(size.EvictionPolicy))
            errors.Add($"spec.size.evictionPolicy: \"{size.EvictionPolicy}\" is none of {string.Join(", ", policies)}");
        return memory;
    }

    private static void CheckPersistence(PersistenceSpec persistence, long memory, SizeSpec size, ImmutableArray<string>.Builder errors)
    {
        var name = persistence.Storage.StorageClassName;
        if (name.Length > 0 && (name.Length > 253 || !Matches(ObjectNameRegex(), name)))
            errors.Add($"spec.persistence.storage.storageClassName: \"{name}\" cannot be the name of a StorageClass; use lower-case letters, digits, '-' and '.'");
        if (persistence.Mode == PersistenceMode.None)
            return;
        var storage = Bytes("spec.persistence.storage.size", persistence.Storage.Size, errors);
        if (storage >= 0 && memory >= 0 && storage < memory)
            errors.Add($"spec.persistence.storage.size: {persistence.Storage.Size} cannot hold the data of {size.Memory} of memory; use {size.Memory} or more, and twice that for AOF");
    }

    private static long Bytes(string field, ResourceQuantity? quantity, ImmutableArray<string>.Builder errors)
    {
        if (quantity is null)
            errors.Add($"{field} is missing; write for example \"1Gi\"");
        else if (!TryValue(quantity, out var bytes) || bytes > long.MaxValue)
            errors.Add($"{field}: \"{quantity}\" is too much; write for example \"1Gi\"");
        else if (bytes <= 0)
            errors.Add($"{field} must be above 0; write for example \"1Gi\"");
        else
            return (long)bytes;
        return -1;
    }

    internal static bool TryValue(ResourceQuantity quantity, out decimal value)
    {
        try
        {
            value = quantity.ToDecimal();
            return true;
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            value = 0;
            return false;
        }
    }

    private static TimeSpan CheckTimeout(FailoverSpec failover, ImmutableArray<string>.Builder errors)
    {
        var text = failover.NodeTimeout;
        if (Matches(TimeoutRegex(), text))
        {
            return text.EndsWith("ms", StringComparison.Ordinal)
                ? TimeSpan.FromMilliseconds(int.Parse(text.AsSpan(0, text.Length - 2), CultureInfo.InvariantCulture))
                : TimeSpan.FromSeconds(int.Parse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture));
        }

        errors.Add($"spec.failover.nodeTimeout: \"{text}\" is not a time from 1s to 60s in whole seconds or milliseconds; write for example \"5s\" or \"2500ms\"");
        return TimeSpan.Zero;
    }

    private static TimeSpan CheckFormerPassword(AuthSpec auth, ImmutableArray<string>.Builder errors)
    {
        if (Durations.Read(auth.FormerPasswordFor) is { } duration && duration <= TimeSpan.FromDays(7))
            return duration;
        errors.Add($"spec.auth.formerPasswordFor: \"{auth.FormerPasswordFor}\" is not a time from 0s to 168h; write for example \"{AuthSpec.DefaultFormerPasswordFor}\"");
        return TimeSpan.Zero;
    }

    private static void CheckFailoverBuffer(SidecarSpec sidecar, ImmutableArray<string>.Builder errors)
    {
        if (sidecar.FailoverBuffer is { } text && !(Durations.Read(text) <= TimeSpan.FromHours(1)))
            errors.Add($"spec.sidecar.failoverBuffer: \"{text}\" is not a time from 0s to 1h; write for example \"10s\"");
    }

    private static List<DesiredShard> CheckSharding(CacheClusterSpec spec, ImmutableArray<string>.Builder errors, out KeyMapping mapping)
    {
        var sharding = spec.Sharding;
        mapping = KeyMapping.HashSlotMode;
        if (sharding.Mode is not (ShardingSpec.HashSlot or ShardingSpec.ByKeyRange))
            errors.Add($"spec.sharding.mode: \"{sharding.Mode}\" is not known; write HashSlot or KeyRange");
        if ((sharding.Mode == ShardingSpec.ByKeyRange) != sharding.KeyRange is not null)
        {
            errors.Add(Rules.KeyRangeNeeded);
            return [];
        }

        if (sharding.KeyRange is { } keys && !KeyMapping.TryCreate([.. keys.Patterns], keys.First, keys.Granularity, out mapping!, out var wrong))
        {
            errors.AddRange(wrong.Select(e => "spec.sharding.keyRange." + e));
            mapping = KeyMapping.HashSlotMode;
            return [];
        }

        if (mapping.IsKeyRange && sharding.Count is not null)
            errors.Add(Rules.KeyRangeCount);
        if (sharding.Count is null == sharding.Shards is null)
        {
            errors.Add(Rules.CountOrShards);
            return [];
        }

        if (sharding.Count is { } count)
        {
            return InRange("spec.sharding.count", count, 1, Rules.MaxShards, errors)
                ? [.. DesiredTopology.EvenSplit(count).Select(s => new DesiredShard(s.Name, s.Slots, spec.Replicas))]
                : [];
        }

        return ShardRules.Check(sharding.Shards!, spec.Replicas, mapping.Tablets, errors);
    }

    /// <summary>
    /// A StatefulSet's pods carry its name and an ordinal in a label of at most 63 characters together with a hash of at most 11: 52 remain
    /// for <c>cluster-shard</c>. Refused here, not truncated.
    /// </summary>
    private static void CheckNames(string name, List<DesiredShard> shards, ImmutableArray<string>.Builder errors)
    {
        if (!Matches(LabelRegex(), name))
            errors.Add($"metadata.name: \"{name}\" cannot begin the name of a Service; use lower-case letters, digits and '-', beginning with a letter");
        foreach (var shard in shards)
        {
            var full = new ResourceNames(name).StatefulSet(shard.Name);
            if (full.Length > ResourceNames.MaxStatefulSetName)
            {
                errors.Add($"metadata.name: \"{full}\" would be the name of a StatefulSet and is longer than {ResourceNames.MaxStatefulSetName} characters; shorten the name of the cluster or of shard {shard.Name}");
                return;
            }
        }

        var longest = new ResourceNames(name).NodesService;
        if (longest.Length > 63)
            errors.Add($"metadata.name: \"{longest}\" would be the name of a Service and is longer than 63 characters; shorten the name of the cluster");
    }

    private static void CheckReferences(CacheClusterSpec spec, ImmutableArray<string>.Builder errors)
    {
        if (spec.Auth.ExistingSecret is { Length: > 0 } secret && (secret.Length > 253 || !Matches(ObjectNameRegex(), secret)))
            errors.Add($"spec.auth.existingSecret: \"{secret}\" cannot be the name of a Secret; use lower-case letters, digits, '-' and '.'");
        if (spec.Tls.SecretName is { Length: > 0 } certificate && (certificate.Length > 253 || !Matches(ObjectNameRegex(), certificate)))
            errors.Add($"spec.tls.secretName: \"{certificate}\" cannot be the name of a Secret; use lower-case letters, digits, '-' and '.'");
        if (spec.Tls.CertManagerIssuer is { } issuer && (issuer.Length > 253 || !Matches(IssuerRegex(), issuer)))
            errors.Add($"spec.tls.certManagerIssuer: \"{issuer}\" cannot be the name of an issuer; write the name of an Issuer, or ClusterIssuer/NAME");
        if (spec.Tls is { Enabled: false, SecretName.Length: > 0 } or { Enabled: false, CertManagerIssuer.Length: > 0 })
            errors.Add(Rules.TlsNotEnabled);
        if (spec.Tls is { SecretName.Length: > 0, CertManagerIssuer.Length: > 0 })
            errors.Add(Rules.TlsOneSource);
        if (spec.Scheduling.Tolerations?.Any(t => t is null) == true)
            errors.Add("spec.scheduling.tolerations: an entry is null; remove it, or write {operator: Exists} to tolerate every taint");
    }

    /// <summary>As the API server matches: for it <c>$</c> is the end of the text, for .NET also the place before a last line break.</summary>
    internal static bool Matches(Regex regex, string text) => regex.Match(text) is { Success: true } match && match.Length == text.Length;

    internal static bool InRange(string field, int value, int minimum, int maximum, ImmutableArray<string>.Builder errors)
    {
        if (value >= minimum && value <= maximum)
            return true;
        errors.Add($"{field}: {value} is outside {minimum} to {maximum}");
        return false;
    }

    [GeneratedRegex(Rules.VersionPattern)]
    private static partial Regex VersionRegex();

    [GeneratedRegex(Rules.IssuerPattern)]
    private static partial Regex IssuerRegex();

    [GeneratedRegex(Rules.TimeoutPattern)]
    private static partial Regex TimeoutRegex();

    [GeneratedRegex("^[a-z]([-a-z0-9]*[a-z0-9])?$")]
    private static partial Regex LabelRegex();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")]
    private static partial Regex ObjectNameRegex();
}
