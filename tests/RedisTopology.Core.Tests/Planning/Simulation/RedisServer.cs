using System.Collections.Immutable;
using System.Runtime.InteropServices;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>
/// A Redis 7.0 server in cluster mode together with its disk: what of <c>cluster.c</c> and <c>replication.c</c> a topology operator can notice. It lives as long
/// as its nodes.conf does; a process that starts without one is another server. Of newer versions, what <see cref="SimCluster.TellsBans"/> and <see cref="SimCluster.Way"/> say.
/// </summary>
internal sealed partial class RedisServer
{
    /// <summary>cluster-node-timeout in ticks of a second.</summary>
    public const int NodeTimeout = 5;

    private const int ForgetBan = 60;

    private readonly World _world;
    /// <summary>Everyone it knows of; a handful, of which one is found faster by looking at each than by a hash of its id.</summary>
    private readonly List<KnownNode> _table = [];
    private readonly Dictionary<string, int> _banned = [];

    /// <summary>The lines of its table there were when a second began.</summary>
    private readonly List<KnownNode> _lines = [];
    private readonly string?[] _slots = new string?[SlotAtoms.Limit];
    private ImmutableArray<PeerView> _peers = [];
    private int _handshakes;
    private long _lastVoteEpoch;

    public RedisServer(World world, SimCluster cluster, PodIdentity pod)
    {
        _world = world;
        Cluster = cluster;
        Pod = pod;
        Id = world.NewId(cluster);
        History = new ReplicationHistory(null, 0);
        Fenced = true;
        cluster.Created.Add(this);
    }

    public SimCluster Cluster { get; }

    public PodIdentity Pod { get; }

    private SlotAtoms Atoms => Cluster.Atoms;

    public string Id { get; private set; }

    public string Address { get; private set; } = "";

    public bool Running { get; private set; }

    public int LoadingUntil { get; private set; }

    /// <summary>Cut off from its peers (and clients) until then.</summary>
    public int PeerCutUntil { get; set; }

    /// <summary>Cut off from the operator until then.</summary>
    public int OperatorCutUntil { get; set; }

    /// <summary>When the process last stopped; -1 while it never has.</summary>
    public int StoppedAt { get; private set; } = -1;

    /// <summary>
    /// A new identity serves no replica before it has a role. Replication follows an address, not an identity: an empty server that takes over the address of a
    /// master would otherwise be copied by its replicas at once, whatever its node id.
    /// </summary>
    public bool Fenced { get; private set; }

    public bool Replica { get; private set; }

    public string? MasterId { get; private set; }

    public long ConfigEpoch { get; private set; }

    public long CurrentEpoch { get; private set; }

    public IReadOnlyCollection<KnownNode> Table => _table;

    public bool Loading => LoadingUntil > _world.Now;

    /// <summary>The slots it claims for itself, as bits of <see cref="SlotAtoms"/>.</summary>
    public ulong Claims => MaskOf(Id);

    public bool ClusterOk
    {
        get
        {
            int size = 0, reachable = 0;
            var seen = 0UL;
            for (var atom = 0; atom < Atoms.Count; atom++)
            {
                if (_slots[atom] is not { } owner || (seen & (1UL << atom)) != 0)
                {
                    if (_slots[atom] is null)
                        return false;
                    continue;
                }

                seen |= MaskOf(owner);
                var node = owner == Id ? null : Find(owner);
                if (node is { Failed: true })
                    return false;
                size++;
                if (node is not { Suspect: true })
                    reachable++;
            }

            return reachable > size / 2;
        }
    }

    public KnownNode? Known(string? id) => id is not null && Find(id) is { Handshake: false } node ? node : null;

    public string? OwnerOf(int atom) => _slots[atom];

    /// <summary>The slots it holds an id to own. An id is the same object wherever it has got to, and this is asked more often than anything else.</summary>
    public ulong MaskOf(string? id)
    {
        if (id is null)
            return 0;
        var mask = 0UL;
        var slots = _slots.AsSpan(0, Atoms.Count);
        for (var atom = 0; atom < slots.Length; atom++)
        {
            if (ReferenceEquals(slots[atom], id))
                mask |= 1UL << atom;
        }

        return mask;
    }

    /// <summary>The process starts with this disk at an address. Whether it may is the entry script's question: see <see cref="MayReturn"/>.</summary>
    public void Start(string address, bool keepDataset, int loading)
    {
        Address = address;
        Running = true;
        Cluster.ServersChanged();
        LoadingUntil = _world.Now + loading;
        if (keepDataset)
            VerifyData();
        else
            Wipe();
        LinkUp = false;
        FailoverUntil = -1;
        _forcedUntil = -1;
        _electionAt = -1;
        _syncAt = -1;
        MasterHost = Known(MasterId)?.Address;
        _table.RemoveAll(n => n.Handshake);
        foreach (var node in _table)
        {
            node.Connected = false;
            node.Suspect = false;
            node.PongAt = _world.Now;
            node.PingAt = 0;
        }

        _world.Network.Listen(this);
    }

    public void Stop()
    {
        if (Running)
            StoppedAt = _world.Now;
        Running = false;
        Cluster.ServersChanged();
    }

    /// <summary>
    /// The entry script's guard: a master with slots that lost its dataset must not return under its identity, or its replicas would copy the void. That none is listed means nothing.
    /// </summary>
    public bool MayReturn(bool datasetKept) => datasetKept || Replica || (Claims == 0 && !_importing.Any(m => m is not null));

    public bool Reaches(RedisServer other) =>
        Running && other.Running && !Loading && !other.Loading && PeerCutUntil <= _world.Now && other.PeerCutUntil <= _world.Now;

    public ObservedNode Observe()
    {
        var peers = new PeerView[_table.Count];
        var (count, same) = (0, _peers.Length == peers.Length);
        foreach (var node in _table)
        {
            var view = node.View(Cluster.Atoms.Set(MaskOf(node.Id)), _world.Now - node.PongAt <= NodeTimeout);
            same = same && ReferenceEquals(view, _peers[count]);
            peers[count++] = view;
        }

        if (!same)
            _peers = ImmutableCollectionsMarshal.AsImmutableArray(peers);

        return new ObservedNode
        {
            Id = Id,
            Role = Replica ? NodeRole.Replica : NodeRole.Master,
            MasterId = MasterId,
            MasterHost = Replica ? MasterHost : null,
            LinkUp = !Replica || LinkUp,
            Slots = Cluster.Atoms.Set(Claims),
            ConfigEpoch = Replica ? Known(MasterId)?.ConfigEpoch ?? 0 : ConfigEpoch,
            CurrentEpoch = CurrentEpoch,
            ClusterOk = ClusterOk,
            Loading = Loading,
            Offset = Offset,
            Keys = Keys.Count,
            UsedMemory = UsedMemory,
            MaxMemory = MaxMemory,
            Migration = Cluster.Way,
            OpenSlots = OpenSlots(),
            Jobs = Cluster.JobsOf(this),
            Peers = _peers,
        };
    }

    /// <summary>The operator has given it a place: it may serve replicas.</summary>
    public void Admit() => Fenced = false;

    private long EpochOf(string id) => id == Id ? ConfigEpoch : Find(id)!.ConfigEpoch;

    private KnownNode? Find(string id)
    {
        foreach (var node in CollectionsMarshal.AsSpan(_table))
        {
            if (ReferenceEquals(node.Id, id))
                return node;
        }

        return null;
    }
}
