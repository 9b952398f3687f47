using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>A pod of a simulated StatefulSet; its server's disk (an emptyDir) lives as long as it does.</summary>
internal sealed class SimPod(PodIdentity identity, string uid, SimTemplate template, int startAt)
{
    public string Uid { get; } = uid;

    public SimTemplate Template { get; } = template;

    /// <summary>The memory limit its container runs with, bytes.</summary>
    public long Memory { get; set; } = template.Memory;

    /// <summary>The memory an in-place resize was ordered to; 0 when none was.</summary>
    public long ResizeTo { get; set; }

    /// <summary>When the order reaches the container.</summary>
    public int ResizeAt { get; set; }

    /// <summary>Its machine has no room for the size that was ordered.</summary>
    public bool Infeasible { get; set; }

    /// <summary>No machine has room for it.</summary>
    public bool Unschedulable { get; set; }

    public PodIdentity Identity { get; } = identity;

    /// <summary>Which of the StatefulSets of that name it belongs to.</summary>
    public int Generation { get; init; }

    /// <summary>When its container (re)starts; meaningful while it does not run.</summary>
    public int StartAt { get; set; } = startAt;

    public string? Address { get; set; }

    public RedisServer? Server { get; set; }

    public NodeRole? Label { get; set; }

    /// <summary>When the container of a pod being deleted stops; -1 while it is not being deleted.</summary>
    public int StopAt { get; set; } = -1;

    /// <summary>When the container of a drained pod stops whatever its hook still waits for.</summary>
    public int StopBound { get; set; }

    /// <summary>When a pod being deleted disappears.</summary>
    public int GoneAt { get; set; }

    /// <summary>It is deleted by an eviction, or by its StatefulSet: its preStop hook is given its time.</summary>
    public bool Drained { get; set; }

    public bool Terminating => StopAt >= 0;

    public bool ContainerRuns => Server is { Running: true };

    /// <summary>Its container runs something that never answers.</summary>
    public bool Hangs { get; set; }

    /// <summary>What the last watch event showed of it.</summary>
    public PodSnapshot? Shown { get; set; }
}
