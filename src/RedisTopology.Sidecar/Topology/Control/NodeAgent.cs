using System.Net.Sockets;
using System.Runtime.CompilerServices;
using RedisTopology.Core.Topology;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Protocol;
using RedisTopology.Sidecar.Tls;
using RedisTopology.Sidecar.Topology.Views;

namespace RedisTopology.Sidecar.Topology.Control;

/// <summary>
/// The control side's line to one server: a connection that is opened when something is to be asked, and the questions, one at a time. Asking never blocks; answers and
/// failures go to the listener, on any thread.
/// </summary>
internal sealed class NodeAgent(Node node, OptionsSource source, IAgentListener listener) : IDisposable
{
    private const int FirstBackoff = 100;
    private const int LastBackoff = 1000;
    private static readonly byte[] s_poll = ControlConnection.Encode("INFO", "replication");
    private static readonly byte[] s_pollMaster = [.. s_poll, .. ControlConnection.Encode("PUBSUB", "NUMSUB", MoveChannel.Name)];
    private static readonly byte[] s_openings = [.. ControlConnection.Encode("PUBSUB", "CHANNELS", MoveChannel.Pattern), .. ControlConnection.Encode("CLUSTER", "NODES")];
    private static readonly byte[] s_about = ControlConnection.Encode("INFO", "server");
    private static readonly byte[] s_view = [.. ControlConnection.Encode("CLUSTER", "INFO"), .. ControlConnection.Encode("CLUSTER", "NODES"), .. ControlConnection.Encode("CLUSTER", "SHARDS")];
    private static readonly byte[] s_slots = ControlConnection.Encode("CLUSTER", "SLOTS");

    private volatile ControlConnection? _connection;
    private volatile bool _viewWanted;
    private volatile bool _pollWanted;
    private volatile bool _disposed;
    private volatile bool _opened;
    private int _busy;
    private int _failures;
    private long _failedAt;
    private long _deadline;

    /// <summary>The server.</summary>
    public Node Node => node;

    /// <summary>The id it gave itself when it last said what it sees of the cluster; null when it has not on this connection.</summary>
    public string? Id { get; private set; }

    /// <summary>Whether its last answer came in time and no failure since.</summary>
    public bool Answers { get; private set; }

    /// <summary>Why it does not answer.</summary>
    public string? Trouble { get; private set; }

    /// <summary>How often it has failed since its last answer.</summary>
    public int Failures => _failures;

    /// <summary>Whether a seed led here since the last round without one.</summary>
    public bool FromSeed { get; set; }

    /// <summary>The shard whose replication it is watched for, if any.</summary>
    public ShardWatch? Watch { get; set; }

    /// <summary>Asks what it sees of the cluster. Ends with <see cref="IAgentListener.Viewed"/>, <see cref="IAgentListener.ViewFailed"/> or <see cref="IAgentListener.Failed"/>.</summary>
    /// <param name="now">Now, in milliseconds.</param>
    /// <returns>False when it has just failed, and is left alone for a moment.</returns>
    public bool AskView(long now)
    {
        if (_disposed || (!_opened && now - Volatile.Read(ref _failedAt) < FirstBackoff))
            return false;
        _viewWanted = true;
        Start();
        return true;
    }

    /// <summary>Asks for its replication offset. Ends with <see cref="IAgentListener.Polled"/> or <see cref="IAgentListener.Failed"/>; does nothing while it is being left alone after a failure.</summary>
    /// <param name="now">Now, in milliseconds.</param>
    public void Poll(long now)
    {
        if (_disposed || (!_opened && now - Volatile.Read(ref _failedAt) < Math.Min(FirstBackoff << Math.Min(_failures, 8), LastBackoff)))
            return;
        _pollWanted = true;
        Start();
    }

    /// <summary>Gives up what has taken too long.</summary>
    /// <param name="now">Now, in milliseconds.</param>
    public void Expire(long now)
    {
        if (Volatile.Read(ref _busy) != 0 && Volatile.Read(ref _deadline) is > 0 and var deadline && now > deadline)
            _connection?.Dispose();
    }

    /// <summary>Closes the connection; the agent is of no use any more.</summary>
    public void Dispose()
    {
        _disposed = true;
        _connection?.Dispose();
    }

    private void Start()
    {
        if (Interlocked.CompareExchange(ref _busy, 1, 0) == 0)
            _ = WorkAsync();
    }

    private async Task WorkAsync()
    {
        do
        {
            try
            {
                while (!_disposed && (_viewWanted || _pollWanted))
                    await AnswerAsync();
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidDataException or ControlException or UnauthorizedAccessException)
            {
                Fail(e);
            }

            if (_disposed)
                _connection?.Dispose();
            Volatile.Write(ref _deadline, 0);
            Volatile.Write(ref _busy, 0);
            // Whoever asked meanwhile saw this busy and did not start it.
        }
        while (!_disposed && (_viewWanted || _pollWanted) && Interlocked.CompareExchange(ref _busy, 1, 0) == 0);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AnswerAsync()
    {
        if (!_opened)
            await OpenAsync();
        if (_viewWanted)
        {
            _viewWanted = false;
            await ViewAsync();
        }

        if (_pollWanted)
        {
            _pollWanted = false;
            var asked = Environment.TickCount64;
            var status = Watch is { } watch && watch.TellsOpenings(this) ? await PollMasterAsync(watch) : ReplicationStatus.Read((await ExchangeAsync(s_poll, 1)).Span);
            Heard();
            listener.Polled(this, status, asked);
        }
    }

    // Its openings first: no replica is taken to have followed this far before they are known.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReplicationStatus> PollMasterAsync(ShardWatch watch)
    {
        var replies = await ExchangeAsync(s_pollMaster, 2);
        var status = ReplicationStatus.Read(replies.Span);
        var asked = Environment.TickCount64;
        // How many subscriptions announce something is asked last; 0 when the server refuses to say.
        if (AsciiText.LastInteger(replies.Span) > 0 || watch.LooksCloser)
            listener.Opened(this, Openings.Read(await ExchangeAsync(s_openings, 2), asked));
        return status;
    }

    private async Task OpenAsync()
    {
        var options = source.Current;
        var connection = _connection = new ControlConnection();
        Volatile.Write(ref _deadline, Environment.TickCount64 + (long)options.ConnectTimeout.TotalMilliseconds);
        await connection.OpenAsync(node.EndPoint, source);
        _opened = true;
        // Another server may have come to this address.
        _viewWanted = true;
        var about = ControlConnection.ReadOne(await ExchangeAsync(s_about, 1));
        node.Zone = ClusterViewParser.Field(about.Text ?? "", "availability_zone") is { Length: > 0 } zone ? zone : node.Zone;
    }

    private async Task ViewAsync()
    {
        try
        {
            var view = ReadView(await ExchangeAsync(s_view, 3), _connection is { IsTls: true }, out var endpoints);
            endpoints ??= AnnouncedEndpoint.OfSlots(ControlException.ThrowIfError(ControlConnection.ReadOne(await ExchangeAsync(s_slots, 1))));
            var parsed = ClusterViewParser.Parse(view.Info, view.Nodes, endpoints, node.EndPoint.Address);
            Id = parsed.MyId;
            Heard();
            listener.Viewed(this, parsed);
        }
        catch (ControlException e) when (!e.Message.StartsWith("NOAUTH", StringComparison.Ordinal))
        {
            // It answers, loading its data for instance, and has nothing to say of the cluster.
            Trouble = e.Message;
            listener.ViewFailed(this, e.Message);
        }
    }

    private static (string Info, string Nodes) ReadView(ReadOnlyMemory<byte> replies, bool isTls, out Dictionary<string, AnnouncedEndpoint>? endpoints)
    {
        var bytes = replies.Span;
        var info = ControlException.ThrowIfError(ControlReply.Read(ref bytes));
        var nodes = ControlException.ThrowIfError(ControlReply.Read(ref bytes));
        var shards = ControlReply.Read(ref bytes);
        endpoints = shards.IsError ? null : AnnouncedEndpoint.OfShards(shards, isTls);
        return (info.Text ?? "", nodes.Text ?? "");
    }

    private ValueTask<ReadOnlyMemory<byte>> ExchangeAsync(ReadOnlyMemory<byte> request, int replies)
    {
        Volatile.Write(ref _deadline, Environment.TickCount64 + (long)source.Current.UpstreamTimeout.TotalMilliseconds);
        return _connection!.ExchangeAsync(request, replies);
    }

    private void Heard()
    {
        node.HeardAt = Environment.TickCount64;
        (Trouble, _failures) = (null, 0);
        if (Answers)
            return;
        Answers = true;
        listener.Recovered(this);
    }

    private void Fail(Exception e)
    {
        var late = Volatile.Read(ref _deadline) is > 0 and var deadline && Environment.TickCount64 > deadline;
        var silence = _connection is { IsShaking: true } ? TlsTrouble.Silent : "no answer in time";
        _connection?.Dispose();
        (_connection, _opened, _viewWanted, _pollWanted) = (null, false, false, false);
        (Id, Answers, Trouble) = (null, false, late ? silence : e.Message);
        _failures++;
        Volatile.Write(ref _failedAt, Environment.TickCount64);
        if (!_disposed)
            listener.Failed(this);
    }
}
