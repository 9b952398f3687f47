using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>A pod as a watch cache shows it, possibly a little late.</summary>
internal sealed record PodSnapshot(PodIdentity Identity, string? Address, NodeRole? Label, bool Terminating, bool ContainerRuns)
{
    public required string Uid { get; init; }

    public required SimTemplate Template { get; init; }

    public required long Memory { get; init; }

    /// <summary>The memory an in-place resize was ordered to; 0 when none was.</summary>
    public required long ResizeTo { get; init; }

    public required bool Infeasible { get; init; }

    public required bool Ready { get; init; }

    public required bool Healthy { get; init; }

    public required bool Unschedulable { get; init; }
}
