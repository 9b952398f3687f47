using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>One line of a simulated server's node table.</summary>
internal sealed class KnownNode(string id)
{
    public string Id { get; set; } = id;

    public string? Address { get; set; }

    /// <summary>Its announced hostname; only the node itself tells it, gossip does not.</summary>
    public PodIdentity? Pod { get; set; }

    public bool Replica { get; set; }

    public string? MasterId { get; set; }

    public long ConfigEpoch { get; set; }

    public bool Suspect { get; set; }

    public bool Failed { get; set; }

    public bool NoAddress { get; set; }

    public bool Connected { get; set; }

    /// <summary>The server a handshake is under way with; null once it is known by its real id.</summary>
    public RedisServer? HandshakeWith { get; set; }

    public int HandshakeSince { get; set; }

    public int PongAt { get; set; }

    public int PingAt { get; set; }

    public int FailedAt { get; set; }

    /// <summary>When this server last voted for a replica of this node.</summary>
    public int VotedAt { get; set; } = int.MinValue / 2;

    /// <summary>Which masters reported it silent, and when.</summary>
    public Dictionary<string, int> Reports { get; } = [];

    /// <summary>What the last observation said of it, to be said again while it is true.</summary>
    private PeerView? _view;

    public bool Handshake => HandshakeWith is not null;

    public PeerHealth Health =>
        Handshake ? PeerHealth.Handshake
        : Failed ? PeerHealth.Failed
        : NoAddress ? PeerHealth.NoAddress
        : Suspect ? PeerHealth.Suspect
        : PeerHealth.Ok;

    /// <param name="slots">The slots its observer holds it to own.</param>
    /// <param name="heard">Whether it answered its observer within the node timeout.</param>
    public PeerView View(SlotSet slots, bool heard)
    {
        var address = NoAddress ? null : Address;
        var role = Replica ? NodeRole.Replica : NodeRole.Master;
        if (_view is null || !ReferenceEquals(_view.Slots, slots) || _view.Health != Health || _view.Connected != Connected || _view.ConfigEpoch != ConfigEpoch
            || _view.Role != role || _view.MasterId != MasterId || _view.Address != address || !ReferenceEquals(_view.Pod, Pod) || _view.Id != Id || _view.Heard != heard)
            _view = new PeerView(Id, address, Pod, role, MasterId, slots, Health, Connected, ConfigEpoch) { Heard = heard };
        return _view;
    }
}
