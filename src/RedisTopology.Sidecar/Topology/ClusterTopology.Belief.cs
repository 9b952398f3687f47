using System.Net;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Topology.Control;
using RedisTopology.Sidecar.Topology.Views;

namespace RedisTopology.Sidecar.Topology;

// What the servers' answers are made into. All of it under one lock, on the thread that an answer came in on.
public sealed partial class ClusterTopology : IAgentListener
{
    private readonly Lock _gate = new();
    private readonly Lock _watchGate = new();
    private readonly MapBuilder _builder = new();
    private readonly Dictionary<IPEndPoint, NodeAgent> _agents = [];
    private volatile NodeAgent[] _agentList = [];
    private volatile ShardWatch[] _watches = [];
    private Belief? _belief;
    private Round? _round;
    private Round? _lastRound;
    private long _changedAt;
    private long _confirmedAt;

    /// <inheritdoc/>
    void IAgentListener.Viewed(NodeAgent agent, ClusterView view)
    {
        if (view.GivesAway)
            agent.Watch?.LookCloser();
        List<NodeAgent> asked;
        Round round;
        lock (_gate)
        {
            if (_round is null)
                return;
            round = _round;
            round.Add(agent, view);
            asked = Consider(round, isLast: false);
            round.End(agent);
        }

        Ask(round, asked, Environment.TickCount64);
    }

    /// <inheritdoc/>
    void IAgentListener.ViewFailed(NodeAgent agent, string why)
    {
        lock (_gate)
        {
            _round?.Fail(agent, why);
            _round?.End(agent);
        }
    }

    /// <inheritdoc/>
    void IAgentListener.Polled(NodeAgent agent, ReplicationStatus status, long askedAt) => agent.Watch?.Polled(agent, status, askedAt);

    /// <inheritdoc/>
    void IAgentListener.Opened(NodeAgent agent, Openings openings)
    {
        if (agent.Watch is { } watch && !watch.Opened(agent, openings, _current))
            Refresh("slots left");
    }

    /// <inheritdoc/>
    void IAgentListener.Failed(NodeAgent agent)
    {
        agent.Node.InSync = false;
        lock (_gate)
        {
            _round?.Fail(agent, agent.Trouble ?? "");
            _round?.End(agent);
        }

        if (agent.Failures != 1)
            return;
        _log.Silent(agent);
        Refresh("server lost");
    }

    /// <inheritdoc/>
    void IAgentListener.Recovered(NodeAgent agent)
    {
        if (agent.Watch is null)
            return;
        _log.Answers(agent);
        Refresh("server back");
    }

    private List<NodeAgent> Consider(Round round, bool isLast)
    {
        var asked = new List<NodeAgent>();
        var ours = ViewGroups.Ours(round.Views, _belief);
        if (ours.Count == 0)
        {
            // Strangers at addresses of ours: what is believed stays, less those addresses.
            if (_belief is not null)
                Publish(_belief, round);
            return asked;
        }

        var fresh = Belief.Of(ours, null);
        round.HasMajority = fresh.HasMajority(ours);
        // Without a majority, what is told can only add to what is known. At the start nothing is known: what the reachable servers say, if they serve, is all there is.
        var belief = round.HasMajority ? fresh : _belief is not null ? Belief.Of(ours, _belief) : isLast && fresh.StateOk ? fresh : null;
        foreach (var node in (belief ?? fresh).Nodes.Values)
        {
            foreach (var agent in Candidates(node))
            {
                if (round.IsFull && !isLast && round.Ask(agent))
                    asked.Add(agent);
            }
        }

        if (belief is not null)
        {
            _belief = belief;
            Publish(belief, round);
        }

        return asked;
    }

    private void Publish(Belief belief, Round round)
    {
        var former = _current;
        var map = _builder.Build(belief, Locate, Serves, former);
        if (map == former)
            return;
        // What loops see of replicas in their new places is told anew before they see them there.
        SettleMoved(former, map);
        Watch(map);
        (_current, _changedAt, round.Changed) = (map, Environment.TickCount64, true);
        _log.MapChanged(round.Reason, former, map);
        _known.TrySetResult();
        if (!round.IsFull)
            Refresh("news");
    }

    private static void SettleMoved(ClusterMap former, ClusterMap map)
    {
        for (var slot = 0; slot < HashSlot.Count; slot++)
        {
            if (former.Of(slot) is { } giver && map.Of(slot) is { } taker && giver.Index != taker.Index)
                map.Held.Settle(slot, Environment.TickCount64);
        }
    }

    private void Watch(ClusterMap map)
    {
        var former = _watches;
        var watches = new List<ShardWatch>();
        foreach (var shard in map.Shards)
        {
            var master = shard.Master is { } node ? AgentAt(node.Host, node.EndPoint) : null;
            NodeAgent[] replicas = [.. shard.Replicas.Select(r => AgentAt(r.Host, r.EndPoint))];
            var watch = Array.Find(former, w => w.Master == master && w.Replicas.AsSpan().SequenceEqual(replicas));
            if (watch is null)
            {
                watch = new(master, replicas, _source, Refresh, _watchGate);
                watch.TakeOver();
            }

            watches.Add(watch);
        }

        foreach (var agent in _agentList.Where(a => a.Watch is { } watch && !watches.Contains(watch)))
            (agent.Watch, agent.Node.CaughtUpTo, agent.Node.InSync) = (null, 0, false);
        foreach (var watch in former.Where(w => !watches.Contains(w)))
            watch.End(map.Held);
        _watches = [.. watches];
    }

    private IEnumerable<NodeAgent> Candidates(BelievedNode node)
    {
        foreach (var address in node.Addresses)
        {
            if (!_names.TryGet(address.Host, out var ip) || (ip is null && !IPAddress.TryParse(address.Ip, out ip)))
                continue;
            yield return AgentAt(address.Host, new(ip, address.Port));
        }
    }

    private NodeAgent? Find(BelievedNode node)
    {
        // An address where a server gave this id is proven; one where another id was given belongs to somebody else by now.
        NodeAgent? likely = null;
        foreach (var agent in Candidates(node))
        {
            if (agent.Id == node.Said.Id)
                return agent;
            if (agent.Id is null)
                likely ??= agent;
        }

        return likely;
    }

    private Node? Locate(BelievedNode node)
    {
        if (Find(node)?.Node is not { } found)
            return null;
        found.Zone = node.Said.Zone ?? found.Zone;
        found.Host = node.Said.Host.Length > 0 ? node.Said.Host : found.EndPoint.Address.ToString();
        return found;
    }

    // Servers call a master dead that nobody hears, and one that has come back until they have made up their minds: if it says itself that it serves, it does.
    private bool Serves(BelievedNode node) => !node.Said.Failed || Find(node) is { Answers: true };

    private bool IsWell() => _belief is { StateOk: true } && !_outOfSight && Array.TrueForAll(_watches, w => w.Master is { Answers: true });

    private NodeAgent AgentAt(string host, IPEndPoint endPoint)
    {
        if (_agents.TryGetValue(endPoint, out var agent))
            return agent;
        _agents[endPoint] = agent = new(_registry.Get(host, endPoint), _source, this);
        _agentList = [.. _agents.Values];
        return agent;
    }

    // Seeds that are no server's own address, and addresses that no server has any more.
    private void Tidy()
    {
        var wanted = _belief!.Nodes.Values.SelectMany(Candidates).ToHashSet();
        foreach (var agent in _agents.Values.Where(a => a.Watch is null && !wanted.Contains(a)).ToList())
        {
            _agents.Remove(agent.Node.EndPoint);
            agent.Dispose();
        }

        foreach (var agent in _agents.Values)
            agent.FromSeed = false;
        _agentList = [.. _agents.Values];
    }
}
