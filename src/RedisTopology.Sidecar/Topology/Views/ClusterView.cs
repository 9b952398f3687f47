using System.Net;

namespace RedisTopology.Sidecar.Topology.Views;

/// <summary>The cluster as one server sees it. Servers differ: while news travels, and when one is cut off from the others.</summary>
internal sealed record ClusterView
{
    /// <summary>The id of the server that says so.</summary>
    public required string MyId { get; init; }

    /// <summary>The address it was asked at: what an empty host in it stands for.</summary>
    public required IPAddress AskedAt { get; init; }

    /// <summary>Whether it would serve its slots: false in a minority, and while slots are missing.</summary>
    public required bool StateOk { get; init; }

    /// <summary>The newest epoch it has heard of.</summary>
    public required long CurrentEpoch { get; init; }

    /// <summary>Whether keys of slots of its own are going over to another server.</summary>
    public bool GivesAway { get; init; }

    /// <summary>All servers it knows an address of.</summary>
    public required IReadOnlyList<ViewNode> Nodes { get; init; }

    /// <summary>To how many servers its links are up: an isolated one knows many and hears none.</summary>
    public int Linked => Nodes.Count(n => n.Linked);

    /// <summary>Whether it knows the server with this id.</summary>
    /// <param name="id">The id.</param>
    /// <returns>True when it does.</returns>
    public bool Knows(string id) => Nodes.Any(n => n.Id == id);
}
