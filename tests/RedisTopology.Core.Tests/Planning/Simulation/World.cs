namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>Everything there is in one schedule: the clock (ticks of a second), the network, one or two clusters in it. Fully determined by its seed.</summary>
internal sealed class World
{
    private readonly List<(SimCluster Cluster, int Slot)> _keys = [];
    private readonly Dictionary<string, SimCluster> _clusterOf = [];
    private readonly List<string>? _trace;
    private readonly HashSet<int> _copied = [];
    private readonly HashSet<int> _deleted = [];

    public World(int seed, bool trace)
    {
        Random = new Random(seed);
        _trace = trace ? [] : null;
        Network = new SimNetwork(Random);
        Small = Random.Next(16) > 0;
        Planned = Random.Next(4) == 0;
        OperatorCrashes = Random.Next(2) == 0;
        Rolls = Random.Next(2) == 0;
        CacheLag = Random.Next(3);
        SlowReplication = Random.Next(3) == 0;
        Invariants = new Invariants(this);
        var clusters = !Small && Random.Next(4) == 0 ? 2 : 1;
        for (var i = 0; i < clusters; i++)
            Clusters.Add(new SimCluster(this, i == 0 ? "a" : "b"));
    }

    public Random Random { get; }

    public SimNetwork Network { get; }

    public Invariants Invariants { get; }

    /// <summary>Edits and faults, by kind.</summary>
    public Tally Events { get; } = new();

    /// <summary>Steps that the operator carried out, by kind.</summary>
    public Tally Steps { get; } = new();

    public List<SimCluster> Clusters { get; } = [];

    public int Now { get; private set; }

    /// <summary>
    /// One cluster of a few servers, and a short course: fifteen of sixteen, because most mistakes need no more and such a schedule takes a fifth of the time of the others.
    /// </summary>
    public bool Small { get; }

    /// <summary>Nothing but spec edits (and crashes of the operator) happens: no acknowledged write may be lost.</summary>
    public bool Planned { get; }

    /// <summary>Images, sizes and settings change.</summary>
    public bool Rolls { get; }

    /// <summary>Steps can fail now.</summary>
    public bool Faulty { get; set; }

    public bool OperatorCrashes { get; set; }

    /// <summary>How many ticks the operator's watch cache is behind.</summary>
    public int CacheLag { get; }

    public bool SlowReplication { get; }

    public IReadOnlyList<string> TraceLines => _trace ?? [];

    public string NewId(SimCluster cluster)
    {
        var id = Random.NextInt64().ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
        _clusterOf[id] = cluster;
        return id;
    }

    public SimCluster ClusterOf(string id) => _clusterOf[id];

    public int NewKey(SimCluster cluster, int slot)
    {
        _keys.Add((cluster, slot));
        return _keys.Count - 1;
    }

    public int KeySlot(int key) => _keys[key].Slot;

    public int KeyAtom(int key) => _keys[key].Cluster.Atoms.Of(_keys[key].Slot);

    /// <summary>A key has reached a second server. Until then its loss with the first is the price of asynchronous replication.</summary>
    public void Copied(int key) => _copied.Add(key);

    /// <summary>A client has deleted a key: whoever still has it has not heard of that.</summary>
    public void Deleted(int key) => _deleted.Add(key);

    public bool WasDeleted(int key) => _deleted.Contains(key);

    public bool WasCopied(int key) => _copied.Contains(key);

    /// <summary>Most keys are small; some are more than a replica counted as in sync may lack.</summary>
    public static int KeySize(int key) => key % 8 == 0 ? 2_000_000 : 100;

    public bool IsTracing => _trace is not null;

    public void Trace(string line) => _trace?.Add($"{Now,4} {line}");

    public void Trace([System.Runtime.CompilerServices.InterpolatedStringHandlerArgument("")] ref TraceLine line) => _trace?.Add($"{Now,4} {line.Text()}");

    public void Promoted(RedisServer server, string? old, string by)
    {
        Trace($"{server.Pod.Name} {server.Id} promoted over {old} by {by}, epoch {server.ConfigEpoch}");
        Invariants.Promoted(server, by);
    }

    public void Tick()
    {
        Now++;
        foreach (var cluster in Clusters)
        {
            cluster.Kubernetes.Tick();
            foreach (var server in cluster.Servers)
                server.Cron();
            foreach (var server in cluster.Servers)
                server.Replicate(SlowReplication && Random.Next(2) == 0);
            cluster.Write();
            cluster.Migrate();
        }

        foreach (var cluster in Clusters)
            cluster.Operator.Tick();
        Invariants.Tick();
    }
}
