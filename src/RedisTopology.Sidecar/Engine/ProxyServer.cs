using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Metrics;
using RedisTopology.Sidecar.Population;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Engine;

/// <summary>Accepts clients and deals them out to the loops in turn.</summary>
public sealed partial class ProxyServer : IAsyncDisposable
{
    // How often the password file is read, in milliseconds.
    private const int PasswordReread = 1000;

    private readonly OptionsSource _options;
    private readonly ILogger<ProxyServer> _log;
    private readonly SharedState _shared;
    private readonly Loop[] _loops;
    private readonly List<int> _listeners = [];
    private readonly ManualResetEventSlim _stopped = new();
    private Thread? _acceptor;
    private volatile bool _accepting;
    private int _epoll = -1, _wake = -1;
    private string? _passwordFile;
    private long _passwordReadAt;
    private bool _disposed;

    /// <summary>Makes the proxy; nothing is opened yet.</summary>
    /// <param name="topology">Where each slot is.</param>
    /// <param name="options">The options in force; those that need a restart are read now.</param>
    /// <param name="log">Where it reports.</param>
    public ProxyServer(ITopology topology, OptionsSource options, ILogger<ProxyServer> log)
    {
        ArgumentNullException.ThrowIfNull(options);
        Native.KeepMmapThreshold();
        (_options, _log) = (options, log);
        _shared = new() { Population = Population = new PopulationService(topology) };
        _loops = [.. Enumerable.Range(0, Math.Max(1, options.Current.Loops)).Select(i => new Loop(i, topology, options, _shared, log))];
        Population.Attach(_loops);
        EndPoint = options.Current.Listen;
    }

    /// <summary>Where clients connect: with the port that was chosen, when the options say port 0.</summary>
    public IPEndPoint EndPoint { get; private set; }

    /// <summary>Whether new clients are accepted.</summary>
    public bool IsAccepting => _accepting;

    /// <summary>The rules by which keys are populated, at work.</summary>
    internal PopulationService Population { get; }

    /// <summary>What each loop counts.</summary>
    public IReadOnlyList<LoopMetrics> Metrics => [.. _loops.Select(l => l.Metrics)];

    /// <summary>Binds and begins to serve.</summary>
    /// <exception cref="SocketException">An address can not be bound.</exception>
    public void Start()
    {
        var current = _options.Current;
        var listener = Native.Listen(current.Listen);
        _listeners.Add(listener);
        EndPoint = new IPEndPoint(current.Listen.Address, Native.PortOf(listener));
        _passwordFile = current.ClientPasswordFile;
        _shared.Describe(current, EndPoint.Port, _passwordFile is null ? null : ReadPassword(_passwordFile));
        if (current.UnixSocket is { } path)
        {
            File.Delete(path);
            _listeners.Add(Native.Listen(new UnixDomainSocketEndPoint(path)));
        }

        foreach (var loop in _loops)
            loop.Start();
        (_epoll, _wake) = (Native.Epoll(), Native.EventFd());
        foreach (var fd in _listeners.Append(_wake))
            Native.Watch(_epoll, Native.EPOLL_CTL_ADD, fd, Native.EPOLLIN, (uint)fd);
        _accepting = true;
        _acceptor = new Thread(Accept) { Name = "acceptor", IsBackground = true };
        _acceptor.Start();
    }

    /// <summary>Stops accepting, lets clients have their replies, and closes.</summary>
    /// <param name="cancellationToken">Ends the waiting: clients are closed as they are.</param>
    /// <returns>When no client is left, or the token says so.</returns>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        StopAccepting();
        foreach (var loop in _loops)
            loop.Drain();
        try
        {
            while (_shared.Clients > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            LogUndrained(_shared.Clients);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (_disposed)
            return ValueTask.CompletedTask;
        _disposed = true;
        StopAccepting();
        foreach (var loop in _loops)
            loop.Dispose();
        _stopped.Dispose();
        return ValueTask.CompletedTask;
    }

    private void StopAccepting()
    {
        if (!_accepting)
            return;
        _accepting = false;
        Wake();
        _acceptor!.Join();
        foreach (var fd in _listeners.Append(_epoll).Append(_wake))
            _ = Native.close(fd);
        _listeners.Clear();
        if (_options.Current.UnixSocket is { } path)
            File.Delete(path);
    }

    private unsafe void Wake()
    {
        var one = 1L;
        _ = Native.write(_wake, &one, sizeof(long));
    }

    private unsafe void Accept()
    {
        var events = stackalloc byte[16 * 16];
        var next = 0;
        while (_accepting)
        {
            var count = Native.epoll_wait(_epoll, events, 16, _passwordFile is null ? -1 : PasswordReread);
            RereadPassword();
            for (var i = 0; i < count && _accepting; i++)
            {
                var fd = (int)*(ulong*)(events + (i * Native.EventSize) + Native.EventData);
                if (fd != _wake)
                    AcceptAll(fd, ref next);
            }
        }
    }

    private static string ReadPassword(string file) => File.ReadAllText(file).TrimEnd('\r', '\n');

    // A mounted secret changes under its name. Clients that have authenticated stay.
    private void RereadPassword()
    {
        if (_passwordFile is not { } file || Environment.TickCount64 - _passwordReadAt < PasswordReread)
            return;
        _passwordReadAt = Environment.TickCount64;
        try
        {
            var password = ReadPassword(file);
            if (password.Length == 0 || password == _shared.Password)
                return;
            _shared.Describe(_options.Current, EndPoint.Port, password);
            LogPassword(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNoPassword(file, e.Message);
        }
    }

    private void AcceptAll(int listener, ref int next)
    {
        // Nobody listens to a Unix socket on the way.
        var tls = listener == _listeners[0] ? _options.Current.ListenTls : null;
        while (true)
        {
            var fd = Native.Accept(listener);
            if (fd < 0)
            {
                var error = Native.Errno;
                if (error is Native.EINTR or Native.ECONNABORTED)
                    continue;
                if (error is Native.EMFILE or Native.ENFILE)
                {
                    // Nothing to be done but wait until one is closed; at once would be a busy loop.
                    LogNoDescriptors();
                    _stopped.Wait(TimeSpan.FromMilliseconds(100));
                }

                return;
            }

            if (_shared.Count(1) > _options.Current.MaxClients)
            {
                Refuse(fd, tls is not null);
                continue;
            }

            var loop = _loops[next++ % _loops.Length];
            loop.Call(() => loop.Adopt(fd, tls));
        }
    }

    private unsafe void Refuse(int fd, bool isTls)
    {
        fixed (byte* text = "-ERR max number of clients reached\r\n"u8)
            _ = isTls ? 0 : Native.Send(fd, text, 35);
        _ = Native.close(fd);
        _shared.Count(-1);
        var first = _loops[0];
        first.Call(() => first.Metrics.ClientsRefused++);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "clientPasswordFile {File} has changed: new clients authenticate with what it says now")]
    private partial void LogPassword(string file);

    [LoggerMessage(Level = LogLevel.Warning, Message = "clientPasswordFile {File} can not be read, what it said before holds: {Why}")]
    private partial void LogNoPassword(string file, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Draining ended with {Clients} clients still connected: they are closed")]
    private partial void LogUndrained(long clients);

    [LoggerMessage(Level = LogLevel.Error, Message = "No file descriptor is left for a new client: raise the limit (ulimit -n) or lower maxClients")]
    private partial void LogNoDescriptors();
}
