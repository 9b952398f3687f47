using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Metrics;
using RedisTopology.Sidecar.Protocol;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// One thread that owns its clients and its own connections to every server, so that nothing on the way of a command needs a lock. A turn: wait until
/// something is ready, read all that is ready, then write once to every server and once to every client that something was queued for.
/// </summary>
internal sealed unsafe partial class Loop : IDisposable
{
    private const int MaxEvents = 256;
    private const int ScratchSize = 256 * 1024;
    private const int IdleTick = 100;
    private const int BusyTick = 10;

    private static readonly long TicksPerMicrosecond = Math.Max(1, Stopwatch.Frequency / 1_000_000);

    private readonly int _number;
    private readonly ITopology _topology;
    private readonly OptionsSource _source;
    private readonly SharedState _shared;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private readonly int _epoll = Native.Epoll();
    private readonly int _wake = Native.EventFd();
    private readonly byte* _events = (byte*)NativeMemory.Alloc(MaxEvents * 16);
    private readonly byte* _scratch = (byte*)NativeMemory.Alloc(ScratchSize);
    private readonly ChunkPool _pool;
    private readonly RequestScanner _scanner = new();
    private readonly LinkedList<Client> _clients = new();
    private readonly List<Client> _dirtyClients = new(256), _resuming = new(64);
    private readonly List<Upstream> _dirtyUpstreams = new(32);
    private readonly Stack<Request> _requests = new();
    private readonly Stack<Pieces> _pieces = new();
    private readonly Queue<Action> _calls = new();
    private readonly ushort[] _writing = new ushort[HashSlot.Count];

    private ArrayBufferWriter<byte> _reply = new(1024);
    private Endpoint?[] _byDescriptor = new Endpoint?[256];
    private uint _generation;
    private SidecarOptions _options;
    private bool[] _refused = [];
    private ClusterMap _map = ClusterMap.Empty;
    private long _now = Environment.TickCount64;
    private long _micros = Stopwatch.GetTimestamp() / TicksPerMicrosecond;
    private long _tickedAt, _swept;
    private volatile bool _stopping, _draining;

    public Loop(int number, ITopology topology, OptionsSource source, SharedState shared, ILogger log)
    {
        (_number, _topology, _source, _shared, _log) = (number, topology, source, shared, log);
        _pool = new ChunkPool(Metrics);
        _stash = _pool.Rent(ChunkPool.Large);
        _options = source.Current;
        UseOptions(_options);
        Native.Watch(_epoll, Native.EPOLL_CTL_ADD, _wake, Native.EPOLLIN, (uint)_wake);
        _thread = new Thread(Run) { Name = $"loop-{number}", IsBackground = true };
    }

    /// <summary>What this loop counts.</summary>
    public LoopMetrics Metrics { get; } = new();

    /// <summary>Whether every client has been answered; meaningful while draining.</summary>
    public bool IsQuiet { get; private set; }

    public void Start() => _thread.Start();

    /// <summary>Has the loop's thread do something soon.</summary>
    public void Call(Action action)
    {
        lock (_calls)
            _calls.Enqueue(action);
        var one = 1L;
        _ = Native.write(_wake, &one, sizeof(long));
    }

    /// <summary>Clients are closed as soon as they have been answered.</summary>
    public void Drain() => Call(() => _draining = true);

    public void Stop()
    {
        _stopping = true;
        Call(() => { });
        if (_thread.IsAlive)
            _thread.Join();
    }

    public void Dispose()
    {
        Stop();
        NativeMemory.Free(_events);
        NativeMemory.Free(_scratch);
        _pool.Release(_stash);
        _pool.Dispose();
        _ = Native.close(_wake);
        _ = Native.close(_epoll);
    }

    private void Run()
    {
        while (!_stopping)
        {
            try
            {
                Turn();
            }
#pragma warning disable CA1031 // One broken turn must not end the proxy: it is logged, and the next turn goes on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogBrokenTurn(e);
                if (_current is { Fd: >= 0 } endpoint)
                    Abandon(endpoint);
            }
        }

        foreach (var endpoint in _byDescriptor)
        {
            if (endpoint is { Fd: >= 0 })
                Abandon(endpoint);
        }
    }

    private Endpoint? _current;

    private void Turn()
    {
        var wait = _parked.Count > 0 || _probes > 0 || _waits.Count > 0 || _spread.Count > 0 || _publishers.Count > 0 ? BusyTick : IdleTick;
        var count = Native.epoll_wait(_epoll, _events, MaxEvents, _more.Count + _settling.Count > 0 ? 0 : wait);
        _now = Environment.TickCount64;
        _micros = Stopwatch.GetTimestamp() / TicksPerMicrosecond;
        Metrics.LastTurn = _now;
        _map = _topology.Current;
        if (_map.Shards.Length > 0)
            _shared.Moves.Observe(_map);
        if (!ReferenceEquals(_source.Current, _options))
            UseOptions(_source.Current);
        for (var i = 0; i < count; i++)
            Handle(_events + (i * Native.EventSize));
        if (_more.Count > 0)
            HandleMore();
        _current = null;
        if (_confirmed.Count + _settling.Count > 0)
            Settle();
        Resume();
        if (_now - _tickedAt >= BusyTick)
            Tick();
        if (_tracked.Count > 0)
            TellOfMoves();
        Flush();
    }

    private void Handle(byte* e)
    {
        var events = *(int*)e;
        var data = *(ulong*)(e + Native.EventData);
        var fd = (int)(uint)data;
        if (fd == _wake)
        {
            Called();
            return;
        }

        // The descriptor may have been closed, and given to somebody else, earlier in this turn.
        if (_byDescriptor[fd] is not { } endpoint || endpoint.Generation != (uint)(data >> 32))
            return;
        Handle(endpoint, events);
    }

    private void Handle(Endpoint endpoint, int events)
    {
        _current = endpoint;
        if (endpoint is Client client)
            Handle(client, events);
        else
            Handle((Upstream)endpoint, events);
        if (endpoint.Tls is not null)
            LookAgain(endpoint);
    }

    private void Called()
    {
        long value;
        _ = Native.read(_wake, &value, sizeof(long));
        while (true)
        {
            Action? action;
            lock (_calls)
            {
                if (!_calls.TryDequeue(out action))
                    return;
            }

            action();
        }
    }

    private void Flush()
    {
        // Flushing may close an endpoint, and that may make others dirty.
        for (var i = 0; i < _dirtyUpstreams.Count; i++)
        {
            var upstream = _dirtyUpstreams[i];
            upstream.IsDirty = false;
            if (upstream.Fd >= 0)
                FlushUpstream(upstream);
        }

        _dirtyUpstreams.Clear();
        for (var i = 0; i < _dirtyClients.Count; i++)
        {
            var client = _dirtyClients[i];
            client.IsDirty = false;
            if (client.Fd >= 0)
                FlushClient(client);
        }

        _dirtyClients.Clear();
    }

    private void Tick()
    {
        _tickedAt = _now;
        Metrics.AllocatedBytes = GC.GetAllocatedBytesForCurrentThread();
        RetryParked();
        Renew();
        WatchPublishers();
        AnswerWaits();
        AskAgain();
        WatchUpstreams();
        // Opened before anyone needs it: clients that say HELLO want to know which server this is.
        if (!_shared.KnowsServers && _number == 0 && AnyMaster() is { } master)
            _ = SharedUpstream(master, 2, replica: false);
        if (_now - _swept < 1000)
            return;
        _swept = _now;
        Sweep();
        if (_number == 0)
            LookAtRefusals();
        _scanner.Trim();
        _mapper.Trim();
        TrimWhenQuiet();
    }

    // Once a second: clients that do not read, private connections nobody uses.
    private void Sweep()
    {
        var quiet = true;
        for (var place = _clients.First; place is not null;)
        {
            var client = place.Value;
            place = place.Next;
            if (client.Tls is { IsOpen: false } && _now - client.ProgressAt > HandshakeLimit)
            {
                GiveUp(client, "it took too long");
            }
            else if (client.HasOutput && _now - client.ProgressAt > _options.ClientStall.TotalMilliseconds)
            {
                Metrics.ClientsStalled++;
                CloseClient(client);
            }
            else if (_draining && client.Head is null && !client.HasOutput)
            {
                CloseClient(client);
            }
            else
            {
                quiet = false;
            }
        }

        SweepIdle();
        SweepTracking();
        IsQuiet = quiet;
    }

    private void UseOptions(SidecarOptions options)
    {
        _options = options;
        var refused = new bool[CommandTable.Count];
        foreach (var command in CommandTable.All)
        {
            var container = command.Name.Split(' ')[0];
            refused[command.Id] = options.Deny.Contains(command.Name) || options.Deny.Contains(container);
        }

        _refused = refused;
        UseKeys(options);
        _population = _shared.Population?.Use(options, _keys);
    }

    private void Register(Endpoint endpoint, int fd, int interest)
    {
        if (fd >= _byDescriptor.Length)
            Array.Resize(ref _byDescriptor, Math.Max(fd + 1, _byDescriptor.Length * 2));
        (endpoint.Fd, endpoint.Generation, endpoint.Interest) = (fd, ++_generation, interest);
        _byDescriptor[fd] = endpoint;
        Native.Watch(_epoll, Native.EPOLL_CTL_ADD, fd, interest, ((ulong)endpoint.Generation << 32) | (uint)fd);
    }

    private void WatchFor(Endpoint endpoint, int interest)
    {
        if (endpoint.Interest == interest || endpoint.Fd < 0)
            return;
        endpoint.Interest = interest;
        Native.Watch(_epoll, Native.EPOLL_CTL_MOD, endpoint.Fd, interest, ((ulong)endpoint.Generation << 32) | (uint)endpoint.Fd);
        if (endpoint.Tls is not null)
            LookAgain(endpoint);
    }

    private void Unregister(Endpoint endpoint)
    {
        _byDescriptor[endpoint.Fd] = null;
        endpoint.Tls?.Close();
        _ = Native.close(endpoint.Fd);
        endpoint.Fd = -1;
    }

    private void Abandon(Endpoint endpoint)
    {
        if (endpoint is Client client)
            CloseClient(client);
        else
            LoseUpstream((Upstream)endpoint, "closed");
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A turn of the loop failed; the connection it was at is closed")]
    private partial void LogBrokenTurn(Exception exception);
}
