using System.Collections.Immutable;

namespace RedisTopology.Core.Topology;

/// <summary>A pod of the cluster as Kubernetes shows it, with what its Redis server said, if it answered.</summary>
public sealed record ObservedPod
{
    /// <summary>The pod's name, <c>cluster-shard-ordinal</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The pod's uid: a pod of the same name made later is another one.</summary>
    public string Uid { get; init; } = "";

    /// <summary>The shard it belongs to.</summary>
    public required string Shard { get; init; }

    /// <summary>Its ordinal in the shard's StatefulSet.</summary>
    public required int Ordinal { get; init; }

    /// <summary>The pod's IP address; null until it has one.</summary>
    public string? Address { get; init; }

    /// <summary>The role label on the pod; null when there is none.</summary>
    public NodeRole? RoleLabel { get; init; }

    /// <summary>
    /// The pod is being deleted, or about to be: the StatefulSet it belongs to is gone, or is another one of the same name, or was removed by this process although
    /// the watch does not show it yet. Slots that went to such a pod would be lost with it.
    /// </summary>
    public bool Terminating { get; init; }

    /// <summary>
    /// Its Redis server is known not to run: the container is not running, the pod has outlived its grace, or its node is not ready.
    /// Silence alone never counts: a takeover from a master that is merely cut off would make two.
    /// </summary>
    public bool ConfirmedDown { get; init; }

    /// <summary>
    /// Its server's process has ended, and none has begun to listen since: its address refuses connections, or its container is known to have ended. A process that stands still, or that
    /// nobody reaches, does neither.
    /// </summary>
    public bool Ended { get; init; }

    /// <summary>Kubernetes finds its container ready: the kubelet, which asks from within the pod, gets an answer whether or not the operator does.</summary>
    public bool Ready { get; init; }

    /// <summary>The pod is ready as a whole, every container of it: that is what its shard's disruption budget counts.</summary>
    public bool Healthy { get; init; }

    /// <summary>Its Kubernetes node is not ready. Its server may run on, out of reach, and hold what no other does.</summary>
    public bool OnLostNode { get; init; }

    /// <summary>Kubernetes finds no place for it (<c>PodScheduled</c> is <c>False</c>).</summary>
    public bool Unschedulable { get; init; }

    /// <summary>It has a place, its container was never started, and its status does not say why.</summary>
    public bool Starting { get; init; }

    /// <summary>How long the server has not answered this operator process, from its last answer where one is known; zero while it answers.</summary>
    public TimeSpan SilentFor { get; init; }

    /// <summary>Why there is no <see cref="Node"/>, as a predicate for a sentence about the pod ("has not started"); null when nothing is known.</summary>
    public string? Trouble { get; init; }

    /// <summary>Why a pod that is being deleted is still there past its grace, and the remedy, as a predicate; null when it is not.</summary>
    public string? Held { get; init; }

    /// <summary>Why the pod must be replaced to be as the spec says (another image, a setting read only at start), as a predicate; null when it need not be.</summary>
    public string? Outdated { get; init; }

    /// <summary>How its resources stand to those of the spec.</summary>
    public PodSize Size { get; init; }

    /// <summary>The memory limit its container runs with, bytes; 0 when not known.</summary>
    public long Memory { get; init; }

    /// <summary>Settings that can be changed while the server runs and are not as the spec says, with the values they should have; <c>maxmemory</c> is never among them.</summary>
    public ImmutableSortedDictionary<string, string> Drift { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Its server accepts other passwords than it should, or the wrong ones only and so told nothing of itself, or gives another to its master.</summary>
    public bool PasswordsDiffer { get; init; }

    /// <summary>With TLS, its server shows another certificate than it should, or may not have read whom to trust.</summary>
    public bool CertificateDiffers { get; init; }

    /// <summary>Its server has a node id that the others were told to forget a moment ago, and still refuse to know.</summary>
    public bool Forgotten { get; init; }

    /// <summary>Who it is.</summary>
    public PodIdentity Identity => new(Name, Shard, Ordinal);

    /// <summary>What the server said; null when it did not answer or could not prove who it is.</summary>
    public ObservedNode? Node { get; init; }
}
