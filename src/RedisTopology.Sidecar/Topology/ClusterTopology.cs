using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Topology.Control;

namespace RedisTopology.Sidecar.Topology;

/// <summary>
/// The control side: keeps the map true and the replicas' health known, on a few asynchronous connections beside those that carry the clients' commands. It starts from
/// the seeds, asks the servers themselves from then on, and goes back to the seeds whenever it hears too few of them.
/// </summary>
public sealed partial class ClusterTopology : ITopology, IAsyncDisposable
{
    private static readonly byte[] s_ping = ControlConnection.Encode("PING");
    private readonly OptionsSource _source;
    private readonly TopologyLog _log;
    private readonly TimeProvider _time;
    private readonly Func<string, Task<IPAddress[]>> _lookUp;
    private readonly NameCache _names;
    private readonly NodeRegistry _registry = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task[] _loops = new Task[2];
    private volatile ClusterMap _current = ClusterMap.Empty;
    private volatile TaskCompletionSource<string> _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes it; nothing happens before <see cref="Start"/>.</summary>
    /// <param name="source">The options; seeds, times and password are taken anew each time they are used.</param>
    /// <param name="time">The clock of its pauses.</param>
    /// <param name="log">Where troubles and changes are told.</param>
    /// <param name="lookUp">Resolves a name to all its addresses. Default: the system's resolver.</param>
    public ClusterTopology(OptionsSource source, TimeProvider time, ILogger log, Func<string, Task<IPAddress[]>>? lookUp = null)
    {
        _source = source;
        _log = new(log);
        _time = time;
        _lookUp = lookUp ?? Dns.GetHostAddressesAsync;
        _names = new(_lookUp, () => Refresh("name resolved"), _time);
    }

    /// <inheritdoc/>
    public ClusterMap Current => _current;

    /// <summary>What this counts.</summary>
    public TopologyMetrics Metrics { get; } = new();

    /// <summary>Ends when the first map is known.</summary>
    public Task Known => _known.Task;

    /// <summary>Begins. Returns at once; seeds that do not answer are tried for ever.</summary>
    public void Start()
    {
        _loops[0] = Task.Run(() => RunAsync(_stop.Token));
        _loops[1] = Task.Run(() => TickAsync(_stop.Token));
    }

    /// <inheritdoc/>
    public void Refresh(string why) => _wanted.TrySetResult(why);

    /// <inheritdoc/>
    public Node? At(string host, int port, Node from)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(from);
        if (host.Length == 0 || host == "?")
            return _registry.Get(from.EndPoint.Address.ToString(), new(from.EndPoint.Address, port));
        if (_registry.Find(host, port) is { } node)
            return node;
        if (_names.TryGet(host, out var address) && address is not null)
            return _registry.Get(host, new(address, port));
        Refresh("unknown name");
        return null;
    }

    /// <summary>Whether a server is alive: it answers, be it with an error, on a fresh connection within <see cref="SidecarOptions.UpstreamTimeout"/>. One that hangs, or whose packets are lost, does not.</summary>
    /// <param name="node">The server.</param>
    /// <returns>True when it answered.</returns>
    public async Task<bool> ProbeAsync(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        using var connection = new ControlConnection();
        using var limit = new CancellationTokenSource(_source.Current.UpstreamTimeout, _time);
        await using var giveUp = limit.Token.UnsafeRegister(static c => ((ControlConnection)c!).Dispose(), connection);
        try
        {
            await connection.ConnectAsync(node.EndPoint, _source.Current, limit.Token);
            await connection.ExchangeAsync(s_ping, 1);
            return true;
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidDataException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var loop in _loops)
        {
            if (loop is not null)
                await loop;
        }

        lock (_gate)
        {
            foreach (var agent in _agents.Values)
                agent.Dispose();
        }

        _stop.Dispose();
    }
}
