using RedisTopology.Sidecar.Topology.Views;

namespace RedisTopology.Sidecar.Topology.Control;

/// <summary>One look at the topology: who is asked, and what has come. Guarded by its user's lock.</summary>
/// <param name="reason">Why it is looked at.</param>
/// <param name="startedAt">When, in milliseconds.</param>
internal sealed class Round(string reason, long startedAt)
{
    private readonly HashSet<NodeAgent> _asked = [];
    private readonly HashSet<NodeAgent> _pending = [];
    private readonly Dictionary<NodeAgent, ClusterView> _views = [];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Why it is looked at.</summary>
    public string Reason => reason;

    /// <summary>When it began, in milliseconds.</summary>
    public long StartedAt => startedAt;

    /// <summary>Whether all servers are asked, not just one in passing.</summary>
    public bool IsFull { get; set; }

    /// <summary>Whether the map was replaced.</summary>
    public bool Changed { get; set; }

    /// <summary>Whether a majority of those that own slots has been heard.</summary>
    public bool HasMajority { get; set; }

    /// <summary>Why seeds led nowhere, by seed.</summary>
    public Dictionary<string, string> SeedTrouble { get; } = [];

    /// <summary>The errors of those that did not say what they see.</summary>
    public Dictionary<NodeAgent, string> Failures { get; } = [];

    /// <summary>What was said, and whether a seed said it.</summary>
    public List<(ClusterView View, bool FromSeed)> Views => [.. _views.Select(v => (v.Value, v.Key.FromSeed))];

    /// <summary>What it led to so far.</summary>
    public RefreshOutcome Outcome => Changed ? RefreshOutcome.Changed : _views.Count > 0 ? RefreshOutcome.Unchanged : RefreshOutcome.Failed;

    /// <summary>Ends when everybody asked has answered or failed.</summary>
    public Task Done => _done.Task;

    /// <summary>Notes that a server is asked in this round.</summary>
    /// <param name="agent">Its agent.</param>
    /// <returns>False when it has been asked already.</returns>
    public bool Ask(NodeAgent agent) => _asked.Add(agent) && _pending.Add(agent);

    /// <summary>Notes what a server said, asked or not.</summary>
    /// <param name="agent">Its agent.</param>
    /// <param name="view">What it sees.</param>
    public void Add(NodeAgent agent, ClusterView view)
    {
        _views[agent] = view;
        Failures.Remove(agent);
    }

    /// <summary>Notes that a server has nothing to say.</summary>
    /// <param name="agent">Its agent.</param>
    /// <param name="why">Its trouble.</param>
    public void Fail(NodeAgent agent, string why)
    {
        if (_asked.Contains(agent))
            Failures[agent] = why;
    }

    /// <summary>Notes that nothing more is to be expected of a server.</summary>
    /// <param name="agent">Its agent.</param>
    public void End(NodeAgent agent)
    {
        _pending.Remove(agent);
        CompleteIfDone();
    }

    /// <summary>All that went wrong, by server or seed.</summary>
    /// <returns>A copy.</returns>
    public SortedDictionary<string, string> Troubles()
    {
        var troubles = new SortedDictionary<string, string>(SeedTrouble, StringComparer.Ordinal);
        foreach (var (agent, why) in Failures)
            troubles[agent.Node.ToString()] = why;
        foreach (var agent in _pending)
            troubles.TryAdd(agent.Node.ToString(), "no answer yet");
        return troubles;
    }

    /// <summary>Completes the round if nobody is waited for.</summary>
    public void CompleteIfDone()
    {
        if (_pending.Count == 0)
            _done.TrySetResult();
    }
}
