using System.Collections.Immutable;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Status;

/// <summary>Everything a status is made from.</summary>
/// <param name="Cluster">The entity.</param>
/// <param name="Definition">What is acted on; null when there never was a valid spec.</param>
/// <param name="Observed">What is; null when nothing was looked at.</param>
/// <param name="Plan">What is to be done about it; null with it.</param>
/// <param name="Problems">What is wrong with the spec; empty when it is valid.</param>
/// <param name="Failure">Why a step could not be carried out; null when all were.</param>
internal sealed record Report(
    CacheCluster Cluster,
    ClusterDefinition? Definition,
    ObservedTopology? Observed,
    TopologyPlan? Plan,
    ImmutableArray<string> Problems,
    string? Failure)
{
    /// <summary>Slots moved from one shard to another since that began.</summary>
    public ImmutableDictionary<(string From, string To), long> Moved { get; init; } = ImmutableDictionary<(string From, string To), long>.Empty;

    /// <summary>What is wrong with the volumes, and the remedy; null when nothing is.</summary>
    public string? VolumeProblem { get; init; }

    /// <summary>How the servers stand to the password; null when nothing was looked at.</summary>
    public PasswordReport? Password { get; init; }

    /// <summary>How the servers stand to their certificate; null without TLS, or when nothing was looked at.</summary>
    public CertificateReport? Certificate { get; init; }
}
