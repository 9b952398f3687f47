using System.Collections.Concurrent;
using System.Collections.Immutable;
using RedisTopology.Operator.Certificates;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Observation;
using RedisTopology.Operator.Passwords;
using RedisTopology.Operator.Slots;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Cluster;

/// <summary>
/// What is kept of a cluster between two looks at it. All of it is a saving or a stopwatch: a process that lost it works it out again, and only does
/// more work, or waits longer, than it would have.
/// </summary>
internal sealed class ClusterState
{
    /// <summary>The last spec that was accepted; null until one was, or until the ConfigMap was asked.</summary>
    public CacheClusterSpec? AcceptedSpec { get; set; }

    /// <summary>Settings that were in an accepted spec once and are no longer.</summary>
    public ImmutableSortedSet<string> FormerSettings { get; set; } = [];

    /// <summary>Settings of the spec that a server refused, with its words; until the spec gives another value.</summary>
    public ConcurrentDictionary<(string Name, string Value), string> RefusedSettings { get; } = [];

    /// <summary>How servers write a value that was set, where that is not how it was given: such an answer is no drift.</summary>
    public ConcurrentDictionary<(string Name, string Value), string> Spellings { get; } = [];

    /// <summary>The definition and its manifests, and the generation they were made for.</summary>
    public (long Generation, ClusterDefinition Definition, ImmutableArray<Manifest> Manifests)? Built { get; set; }

    /// <summary>The password in the Secret that clients mount, or what is wrong with it, whether the operator made it, and when that was read; null when it must be read.</summary>
    public (string? Password, string? Trouble, bool Own, DateTimeOffset Read)? Secret { get; set; }

    /// <summary>What the pods' Secret says, its version, and when it was read (long ago when it must be); null before. A Secret that was deleted comes back from here.</summary>
    public (PasswordSet Passwords, string? Version, DateTimeOffset Read)? Passwords { get; set; }

    /// <summary>Whether the last look found a pod without an address: one that mounts a Secret which somebody has deleted stays like that.</summary>
    public bool PodsWait { get; set; }

    /// <summary>What this look found is to be written down of the passwords; null when nothing is.</summary>
    public PasswordChange? PasswordChange { get; set; }

    /// <summary>With TLS, what the servers are given, as it is written down, its version, and when that was read (long ago when it must be); null before.</summary>
    public (ServerCertificates Certificates, string? Version, DateTimeOffset Read)? Certificates { get; set; }

    /// <summary>The cluster's own authority and what it issued last (null when there is none), the version of its Secret, and when that was read; null before.</summary>
    public (IssuedCertificates? Issued, string? Version, DateTimeOffset Read)? Authority { get; set; }

    /// <summary>What the Secret has that the spec names for a certificate, and when that was read; null before.</summary>
    public (CertificateWish Wish, DateTimeOffset Read)? GivenCertificate { get; set; }

    /// <summary>What this look found is to be written down of the certificate; null when nothing is.</summary>
    public CertificateChange? CertificateChange { get; set; }

    /// <summary>The authorities that clients are to trust, as in the manifests that were built last; empty for none.</summary>
    public string Authorities { get; set; } = "";

    /// <summary>The wanted certificate, by its fingerprint, of each container that was seen to show it.</summary>
    public ConcurrentDictionary<string, string> CertificatesShown { get; } = [];

    /// <summary>When each node was last told to read its certificate again.</summary>
    public ConcurrentDictionary<string, DateTimeOffset> CertificateLoads { get; } = [];

    /// <summary>Live objects that were found to match their manifest: <c>Kind/name</c> to resource version and hash of the manifest.</summary>
    public Dictionary<string, (string ResourceVersion, string Hash)> Verified { get; } = [];

    /// <summary>Pods (by uid) this process has deleted and the cache may still show as if nothing had happened: nothing is entrusted to them any more.</summary>
    public HashSet<string> DeletedPods { get; } = [];

    /// <summary>Shards whose StatefulSet this process has made and the cache may not show yet, and with how many pods: a spec that no longer names such a shard does not make it one that never was.</summary>
    public Dictionary<string, int> MadeShards { get; } = [];

    /// <summary>Pods (by uid) whose resize the API server refused, and to which resources: those are replaced instead.</summary>
    public Dictionary<string, string> RefusedResizes { get; } = [];

    /// <summary>Whether the volumes of a storage class can grow, and when that was asked.</summary>
    public Dictionary<string, (bool Grows, DateTimeOffset Asked)> GrowingClasses { get; } = [];

    /// <summary>What is wrong with the volumes, and the remedy; null when nothing is.</summary>
    public string? VolumeProblem { get; set; }

    /// <summary>Since when each pod has been silent.</summary>
    public Dictionary<string, DateTimeOffset> SilentSince { get; } = [];

    /// <summary>The latest warning about each pod that does not start, and each StatefulSet that lacks pods (by uid), null for none, and when it was read.</summary>
    public Dictionary<string, (string? Text, DateTimeOffset Read)> StartWarnings { get; } = [];

    /// <summary>Since when each shard has had fewer pods than its StatefulSet asks for.</summary>
    public Dictionary<string, DateTimeOffset> ShortSince { get; } = [];

    /// <summary>Since when each listed node id has been on no server that answers.</summary>
    public Dictionary<string, DateTimeOffset> AbsentSince { get; } = [];

    /// <summary>The node ids that servers were told to forget lately, and when.</summary>
    public Dictionary<string, DateTimeOffset> Forgotten { get; } = [];

    /// <summary>The status as last written by this process; null before.</summary>
    public CacheClusterStatus? ReportedStatus { get; set; }

    /// <summary>What was to be done and waited for at the last look, as a hash, and since when that is so; null when it was nothing.</summary>
    public (int Hash, DateTimeOffset Since)? Situation { get; set; }

    /// <summary>The addresses the monitor may ask, in turn.</summary>
    public ImmutableArray<string> MonitoredAddresses { get; set; } = [];

    /// <summary>When each server last answered.</summary>
    public ServerSigns Signs { get; } = new();

    /// <summary>How often servers refused a password.</summary>
    public RefusedClients Refusals { get; } = new();

    /// <summary>Masters (by node id) for which an election was ordered lately: the replica (by node id) that stands, and when that was.</summary>
    public Dictionary<string, (string Replica, DateTimeOffset At)> Elections { get; } = [];

    /// <summary>What each address last told the monitor.</summary>
    public Dictionary<string, string> Digests { get; } = [];

    /// <summary>The master of each shard as last seen, to tell of a failover that nobody here ordered.</summary>
    public Dictionary<string, string> Masters { get; } = [];

    /// <summary>The replica (by node id) that was last told to take over from its living master, and when.</summary>
    public (string Replica, DateTimeOffset At)? FailoverOrdered { get; set; }

    /// <summary>What has been moved between each two shards since slots began to move; empty when none do.</summary>
    public ConcurrentDictionary<(string Source, string Target), MoveProgress> Moves { get; } = [];

    /// <summary>The slots of which sidecars are told that their keys are moved.</summary>
    public MoveAnnouncements Announcements { get; } = new(TimeProvider.System);

    /// <summary>The slots that cannot be moved for now.</summary>
    public SlotBlocks BlockedSlots { get; } = new();

    /// <summary>Atomic slot migrations that failed.</summary>
    public MigrationNews MigrationNews { get; } = new();

    /// <summary>Whether the cluster has been seen complete, so that its first completion is told of once.</summary>
    public bool WasReady { get; set; }
}
