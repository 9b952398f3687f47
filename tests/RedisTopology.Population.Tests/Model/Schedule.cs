using System.Globalization;
using System.Text;

namespace RedisTopology.Population.Tests.Model;

/// <summary>
/// One schedule: processes that read and write one key, over a master with a lagging replica and an origin. What happens next, and what goes wrong, is drawn from a seed; everything runs on
/// one thread, so that the same seed is the same course. The populators are the real ones.
/// </summary>
internal sealed class Schedule
{
    private const string Key = "k";
    private const int MaxEvents = 3000;
    private static readonly ReadOnlyMemory<byte> KeyBytes = "k"u8.ToArray();
    private static readonly string[] Keys = Siblings();

    private readonly Random _random;
    private readonly SimulatedTime _time = new();
    private readonly List<Event> _pending = [];
    private readonly List<Process> _processes = [];
    private readonly bool _fails;
    private Keyspace _master = new();
    private int _replicated, _origin = 1, _acknowledged = 1, _running, _failovers;

    public Schedule(int seed, bool naive)
    {
        _random = new Random(seed);
        _fails = _random.Next(3) > 0;
        var policy = new PopulationPolicy
        {
            Ttl = TimeSpan.FromMilliseconds(_random.Next(4) == 0 ? 200 : 60_000),
            Stale = TimeSpan.FromMilliseconds(_random.Next(3) == 0 ? 120_000 : 0),
            NegativeTtl = TimeSpan.Zero,
            Timeout = TimeSpan.FromMilliseconds(100),
        };
        for (var i = 0; i < 2 + _random.Next(2); i++)
        {
            var process = new Process(this);
            process.Populator = new Populator(process, policy, _time, new Random(seed + i));
            _processes.Add(process);
        }

        var writesThrough = _random.Next(2) == 0;
        for (var i = 0; i < 5 + _random.Next(6); i++)
        {
            var process = _processes[_random.Next(_processes.Count)];
            var write = _random.Next(3) == 0;
            _running++;
            Enqueue(process, () => Actor(write ? naive ? NaiveWriteAsync(process) : writesThrough ? WriteThroughAsync(process) : WriteAsync(process)
                : naive ? NaiveReadAsync(process) : ReadAsync(process)));
        }
    }

    /// <summary>Values that were stored although a newer one had been acknowledged.</summary>
    public int StaleFills { get; private set; }

    /// <summary>Values that were given to a reader which had begun after a newer one was acknowledged.</summary>
    public int StaleLoads { get; private set; }

    /// <summary>What happened, for two runs of one seed to be compared.</summary>
    public int Course { get; private set; } = 17;

    /// <summary>Lets it happen.</summary>
    public void Run()
    {
        for (var i = 0; i < MaxEvents && (_pending.Count > 0 || (_running > 0 && _time.HasTimer)); i++)
        {
            if (_fails && _random.Next(40) == 0)
                Fail();
            if (_pending.Count == 0 || _random.Next(12) == 0)
            {
                if (_time.HasTimer)
                    _time.FireNext();
                continue;
            }

            _time.Advance(TimeSpan.FromMilliseconds(_random.Next(8)));
            _time.FireDue();
            if (_pending.Count == 0)
                continue;
            var at = _random.Next(_pending.Count);
            var next = _pending[at];
            _pending.RemoveAt(at);
            Course = HashCode.Combine(Course, at, _time.Milliseconds, _origin);
            if (next.Process.Lives)
                next.Run();
        }
    }

    private void Fail()
    {
        switch (_random.Next(4))
        {
            case 0:
                _master.Evict(Keys[_random.Next(3)]);
                break;
            case 1 when _processes.Count(p => p.Lives) > 1:
                // What it was about never happens; what it had sent may.
                _processes[_random.Next(_processes.Count)].Lives = false;
                break;
            case 2:
                // The replica takes over as far as it has come.
                _failovers++;
                _master = _master.Replica(_replicated);
                _replicated = _master.Log.Count;
                break;
            default:
                _replicated = Math.Min(_master.Log.Count, _replicated + _random.Next(6));
                break;
        }
    }

    private void Enqueue(Process process, Action run) => _pending.Add(new(process, run));

    private async void Actor(Task work)
    {
        try
        {
            await work.ConfigureAwait(false);
        }
        catch (PopulationStoreException)
        {
            // Who is told that the cluster failed has failed: it acknowledges nothing.
        }

        _running--;
    }

    private async Task ReadAsync(Process process)
    {
        var (atLeast, failovers) = (_acknowledged, _failovers);
        var result = await process.Populator.GetOrLoadAsync(KeyBytes, (_, _) => OriginAsync(process)).ConfigureAwait(false);
        // A hit may come from a replica that is behind, and after a failover the cache has lost what was acknowledged: that is replication's promise, not this protocol's.
        if (result.Status == PopulationStatus.Loaded && failovers == _failovers && Version(result.Value!.Value) < atLeast)
            StaleLoads++;
    }

    private async Task WriteAsync(Process process)
    {
        var version = await StepAsync(process, () => ++_origin).ConfigureAwait(false);
        await process.Populator.RemoveAsync(KeyBytes).ConfigureAwait(false);
        _acknowledged = Math.Max(_acknowledged, version);
    }

    private async Task WriteThroughAsync(Process process)
    {
        var written = 0;
        var value = Text(++process.Next);
        var result = await process.Populator.WriteThroughAsync(KeyBytes, value, async (_, _) =>
        {
            // The origin's own order decides: what is written there is the next version, and the value that was sent stands for it.
            var refused = _fails && _random.Next(6) == 0;
            await StepAsync(process, () => 0).ConfigureAwait(false);
            if (refused)
                return OriginWriteAnswer.Refused("no");
            written = await StepAsync(process, () => Write(value)).ConfigureAwait(false);
            return OriginWriteAnswer.Accepted();
        }).ConfigureAwait(false);
        if (result.IsAcknowledged)
            _acknowledged = Math.Max(_acknowledged, written);
    }

    // Two GETs with a call of the origin between them, and a DEL after a write: what everybody writes first.
    private async Task NaiveReadAsync(Process process)
    {
        var stored = await process.ReadAsync(KeyBytes, false, default).ConfigureAwait(false);
        if (stored.Value is not null)
            return;
        var answer = await OriginAsync(process).ConfigureAwait(false);
        if (answer.Verdict != OriginVerdict.Found)
            return;
        await process.RunAsync(PopulationScripts.Set, new(KeyBytes), [answer.Value, "60000"u8.ToArray()], default).ConfigureAwait(false);
    }

    private Task NaiveWriteAsync(Process process) => WriteAsync(process);

    private readonly Dictionary<string, int> _versions = new(StringComparer.Ordinal);

    private int Write(ReadOnlyMemory<byte> value)
    {
        _versions[Encoding.UTF8.GetString(value.Span)] = ++_origin;
        _current = value;
        return _origin;
    }

    private ReadOnlyMemory<byte>? _current;

    private async ValueTask<OriginAnswer> OriginAsync(Process process)
    {
        if (_fails && _random.Next(10) == 0)
            return OriginAnswer.Failed("down");
        var value = await StepAsync(process, () => _current ?? Encoding.UTF8.GetBytes("v" + _origin.ToString(CultureInfo.InvariantCulture))).ConfigureAwait(false);
        return await StepAsync(process, () => OriginAnswer.Found(value)).ConfigureAwait(false);
    }

    // Something that happens elsewhere, at some time.
    private Task<T> StepAsync<T>(Process process, Func<T> step)
    {
        var done = new TaskCompletionSource<T>();
        Enqueue(process, () => done.SetResult(step()));
        return done.Task;
    }

    private ReadOnlyMemory<byte> Text(int number) => Encoding.UTF8.GetBytes($"w{_random.Next()}-{number}");

    private int Version(ReadOnlyMemory<byte> value)
    {
        var text = Encoding.UTF8.GetString(value.Span);
        return text[0] == 'v' ? int.Parse(text.AsSpan(1), CultureInfo.InvariantCulture) : _versions.GetValueOrDefault(text, 0);
    }

    private void Watch(PopulationScript script, string[] arguments, ScriptReply reply)
    {
        if (reply.Status != 1)
            return;
        var value = script == PopulationScripts.Fill || script == PopulationScripts.CommitWrite ? arguments[1] : script == PopulationScripts.Set ? arguments[0] : null;
        if (value is not null && Version(Encoding.UTF8.GetBytes(value)) < _acknowledged)
            StaleFills++;
    }

    private static string[] Siblings()
    {
        var keys = new SiblingKeys(KeyBytes);
        return [Key, Encoding.UTF8.GetString(keys.Lease.Span), Encoding.UTF8.GetString(keys.Negative.Span)];
    }

    private readonly record struct Event(Process Process, Action Run);

    private sealed class Process(Schedule schedule) : IPopulationStore
    {
        public Populator Populator { get; set; } = null!;

        public bool Lives { get; set; } = true;

        public int Next { get; set; }

        public async ValueTask<StoredValue> ReadAsync(ReadOnlyMemory<byte> key, bool withRemaining, CancellationToken cancellationToken)
        {
            var found = await schedule.StepAsync(this, () =>
            {
                var now = schedule._time.Milliseconds;
                var from = schedule._random.Next(2) == 0 ? schedule._master : schedule._master.Replica(schedule._replicated);
                return (Value: from.Get(Key, now), Left: from.Pttl(Key, now));
            }).ConfigureAwait(false);
            var answer = await schedule.StepAsync(this, () => found).ConfigureAwait(false);
            return new(answer.Value is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(answer.Value), answer.Left >= 0 ? TimeSpan.FromMilliseconds(answer.Left) : null);
        }

        public async ValueTask<ScriptReply> RunAsync(PopulationScript script, SiblingKeys keys, IReadOnlyList<ReadOnlyMemory<byte>> arguments, CancellationToken cancellationToken)
        {
            var texts = arguments.Select(a => Encoding.UTF8.GetString(a.Span)).ToArray();
            var reply = await schedule.StepAsync(this, () =>
            {
                var done = schedule._master.Run(script, Keys, texts, schedule._time.Milliseconds);
                schedule.Watch(script, texts, done);
                return done;
            }).ConfigureAwait(false);
            // The answer may be lost on its way back.
            var lost = schedule._fails && schedule._random.Next(30) == 0;
            await schedule.StepAsync(this, () => 0).ConfigureAwait(false);
            return lost ? throw new PopulationStoreException("ERR connection lost, the command may have been executed") : reply;
        }

        public ValueTask<int> WaitForReplicasAsync(ReadOnlyMemory<byte> key, int replicas, TimeSpan timeout, CancellationToken cancellationToken) => new(0);

        public int ShardOf(ReadOnlyMemory<byte> key) => 0;
    }
}
