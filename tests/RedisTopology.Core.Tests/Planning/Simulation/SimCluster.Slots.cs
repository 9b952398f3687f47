using System.Collections.Immutable;
using RedisTopology.Core.Hashing;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>The cluster's slots: where a spec wants them, what is under way, and how many moves it took.</summary>
internal sealed partial class SimCluster
{
    /// <summary>Atoms are joined from time to time when there are more: the fewer, the faster.</summary>
    private const int ManyAtoms = 20;

    private readonly int[] _cuts;
    private DesiredTopology? _formerShards;
    private int _expectedMoves = -1;
    private int _jobs;

    /// <summary>Keys are written to these slots only, so that some slots have several.</summary>
    public ImmutableArray<int> HotSlots { get; }

    public SlotMigration Way { get; }

    /// <summary>Servers that were told to forget an id tell all others (from 7.2 on).</summary>
    public bool TellsBans { get; }

    /// <summary>Slots with a key too big to be handed over.</summary>
    public HashSet<int> BigSlots { get; } = [];

    /// <summary>Every server there ever was: nodes.conf outlives the process.</summary>
    public List<RedisServer> Created { get; } = [];

    public List<SimJob> Jobs { get; } = [];

    /// <summary>Slots that changed their owner by being moved, since the last edit of the spec.</summary>
    public int Moved { get; set; }

    public RedisServer? ById(string id) => Created.Find(s => s.Id == id);

    public ImmutableArray<SlotMigrationJob> JobsOf(RedisServer server) => Jobs.Count == 0
        ? []
        : [.. Jobs.Where(j => j.Source == server || j.Target == server).Select(j => new SlotMigrationJob(j.Id, j.Source.Id, j.Target.Id, Atoms.Set(j.Mask)))];

    /// <summary>The running server that owns an atom in truth: who claims it under the highest epoch.</summary>
    public RedisServer? TrueOwner(int atom)
    {
        RedisServer? best = null;
        foreach (var server in Servers)
        {
            if (!server.Replica && ReferenceEquals(server.OwnerOf(atom), server.Id) && (best is null || server.ConfigEpoch > best.ConfigEpoch))
                best = server;
        }

        return best;
    }

    public bool StartJob(RedisServer source, RedisServer target, ulong mask)
    {
        if (source.Replica || target.Replica || (source.Claims & mask) != mask || source.Known(target.Id) is null || target.Known(source.Id) is null || Jobs.Any(j => j.Source == source))
            return false;
        Jobs.Add(new SimJob($"job-{_jobs++}", source, target, mask, _world.Now + 1 + _world.Random.Next(5)));
        return true;
    }

    /// <summary>One second of the migrations under way. One ends with nothing done when an end of it fails, is no master any more, or has dropped the other.</summary>
    public void Migrate()
    {
        foreach (var job in Jobs.ToArray())
        {
            if (!job.Source.Running || !job.Target.Running || job.Source.Replica || job.Target.Replica || (job.Source.Claims & job.Mask) != job.Mask
                || job.Source.Known(job.Target.Id) is null || job.Target.Known(job.Source.Id) is null)
            {
                _world.Trace($"{job.Id} is broken off");
                Jobs.Remove(job);
            }
            else if (_world.Now >= job.DoneAt && job.Source.Reaches(job.Target))
            {
                _world.Trace($"{job.Id} is done");
                Jobs.Remove(job);
                job.Target.Receive(job);
                Moved += Atoms.SizeOf(job.Mask);
            }
        }

        if (Atoms.Count > ManyAtoms && _world.Now % 4 == 0)
            JoinAtoms();
    }

    /// <summary>Other shards or other ranges; now and then what was asked for before, or the same shards balanced by number.</summary>
    public void EditShards()
    {
        var random = _world.Random;
        var before = Desired;
        if (_formerShards is not null && random.Next(3) == 0)
        {
            Desired = Sized(_formerShards);
        }
        else if (Desired.Placement == SlotPlacement.Balanced)
        {
            Desired = Desired with { Shards = [.. DesiredTopology.EvenSplit(1 + random.Next(MostShards)).Select(s => new DesiredShard(s.Name, s.Slots, Replicas(s.Name)))] };
        }
        else
        {
            // Now and then a shard is named anew: everything in it moves.
            var first = random.Next(4) == 0 ? 1 : 0;
            Desired = Desired with { Shards = [.. Layout(1 + random.Next(MostShards)).Select((slots, i) => new DesiredShard($"s{first + i}", slots, Replicas($"s{first + i}")))] };
        }

        _formerShards = before;
        Moved = 0;
        _expectedMoves = _world.Planned && Operator.LastPlan?.IsSettled == true ? FewestMoves() : -1;
    }

    public void CheckMoves()
    {
        if (_expectedMoves >= 0 && Moved != _expectedMoves)
            throw new SimulationException($"{Moved} slots were moved where {_expectedMoves} would have done");
        _expectedMoves = -1;
    }

    private int MostShards => _world.Small ? 3 : 5;

    private int Replicas(string shard) => Desired.Shards.FirstOrDefault(s => s.Name == shard)?.Replicas ?? _world.Random.Next(3);

    private int FewestMoves()
    {
        var standing = new Dictionary<string, SlotSet>();
        foreach (var server in Servers.Where(s => s.Claims != 0))
            standing[server.Pod.Shard] = Atoms.Set(server.Claims);
        if (Desired.Placement == SlotPlacement.Explicit)
            return HashSlot.Count - Desired.Shards.Sum(s => s.Slots.Intersect(standing.GetValueOrDefault(s.Name, SlotSet.Empty)).Count);
        var least = HashSlot.Count / Desired.Shards.Length;
        var counts = Desired.Shards.Select(s => standing.GetValueOrDefault(s.Name, SlotSet.Empty).Count).ToList();
        var above = counts.Where(c => c > least).ToList();
        return HashSlot.Count - counts.Sum() + above.Sum(c => c - least) - Math.Min(above.Count, HashSlot.Count % Desired.Shards.Length);
    }

    /// <summary>Uneven ranges along the cuts of this cluster; some shards own several.</summary>
    private ImmutableArray<SlotSet> Layout(int count)
    {
        var random = _world.Random;
        var ranges = new List<SlotRange>[count];
        var shards = Enumerable.Range(0, count).Concat(Enumerable.Range(0, _cuts.Length + 1 - count).Select(_ => random.Next(count))).ToArray();
        random.Shuffle(shards);
        for (var piece = 0; piece < shards.Length; piece++)
            (ranges[shards[piece]] ??= []).Add(new SlotRange(piece == 0 ? 0 : _cuts[piece - 1], piece == _cuts.Length ? HashSlot.Count - 1 : _cuts[piece] - 1));
        return [.. ranges.Select(SlotSet.Of)];
    }

    private static int[] Cuts(Random random)
    {
        var cuts = new SortedSet<int>();
        while (cuts.Count < 5)
            cuts.Add(1 + random.Next(HashSlot.Count - 1));
        return [.. cuts];
    }

    private void SplitAtom(int atom, int added)
    {
        foreach (var server in Created)
            server.SplitAtom(atom, added);
        foreach (var job in Jobs.Where(j => (j.Mask & (1UL << atom)) != 0))
            job.Mask |= 1UL << added;
    }

    private void JoinAtoms()
    {
        Span<int> groups = stackalloc int[Atoms.Count];
        var first = new List<int>();
        for (var atom = 0; atom < groups.Length; atom++)
        {
            var one = atom;
            groups[atom] = first.FindIndex(other => AreAlike(other, one));
            if (groups[atom] >= 0)
                continue;
            groups[atom] = first.Count;
            first.Add(atom);
        }

        foreach (var server in Created)
            server.JoinAtoms(groups);
        foreach (var job in Jobs)
        {
            var mask = 0UL;
            for (var atom = 0; atom < groups.Length; atom++)
            {
                if ((job.Mask & (1UL << atom)) != 0)
                    mask |= 1UL << groups[atom];
            }

            job.Mask = mask;
        }

        Atoms.Join(groups);
    }

    /// <summary>Every server thinks the same of both, and nothing is under way with either.</summary>
    private bool AreAlike(int one, int other) =>
        Created.TrueForAll(s => s.AtomState(one) is { Importing: null, Migrating: null } state && state == s.AtomState(other))
        && Jobs.TrueForAll(j => ((j.Mask >> one) & 1) == ((j.Mask >> other) & 1));
}
