using System.Net.WebSockets;
using System.Text;
using k8s;
using k8s.Autorest;
using RedisTopology.Cli.Hosting;

namespace RedisTopology.Cli.Push;

/// <summary>A connection to a port of a pod through the API server (<c>pods/portforward</c>).</summary>
/// <remarks>Each frame begins with its channel: 0 carries the data, 1 what went wrong. The first frame of each says the port's number.</remarks>
internal sealed class PodTunnel : Stream
{
    private const int None = -1, Data = 0, Error = 1;

    private readonly WebSocket _socket;
    private readonly byte[] _part = new byte[32 * 1024];
    private readonly bool[] _greeted = new bool[2];
    private int _channel = None;
    private ReadOnlyMemory<byte> _rest;

    private PodTunnel(WebSocket socket) => _socket = socket;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="CliException">The pod is not there, or the API server does not allow it.</exception>
    public static async Task<Stream> OpenAsync(KubeSession session, string pod, int port, CancellationToken cancel)
    {
        try
        {
            return await ConnectAsync(session, pod, port, cancel);
        }
        catch (HttpOperationException e)
        {
            throw ApiErrors.Translate(e, session.Server)!;
        }
    }

    private static async Task<Stream> ConnectAsync(KubeSession session, string pod, int port, CancellationToken cancel)
    {
        try
        {
            return new PodTunnel(await session.Client.WebSocketNamespacedPodPortForwardAsync(pod, session.Namespace, [port], WebSocketProtocol.V4BinaryWebsocketProtocol, cancellationToken: cancel));
        }
        catch (Exception e) when (e is HttpOperationException or WebSocketException)
        {
            // A refused upgrade does not say why: the pod itself does.
            await session.Client.CoreV1.ReadNamespacedPodAsync(pod, session.Namespace, cancellationToken: cancel);
            throw e.Message.Contains("'403'", StringComparison.Ordinal)
                ? new CliException(ExitCodes.Unreachable, $"You may not forward ports of pods in {session.Namespace}.", "Ask for \"create pods/portforward\", or forward the port another way and give --url.")
                : new IOException(ApiErrors.Reason(e), e);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_rest.IsEmpty)
        {
            if (!await ReceiveAsync(cancellationToken))
                return 0;
        }

        var count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var frame = new byte[1 + buffer.Length];
        frame[0] = Data;
        buffer.CopyTo(frame.AsMemory(1));
        try
        {
            await _socket.SendAsync(frame, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        }
        catch (WebSocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _socket.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Takes in a part of a frame; false at the end.</summary>
    private async Task<bool> ReceiveAsync(CancellationToken cancel)
    {
        try
        {
            var part = await _socket.ReceiveAsync(_part.AsMemory(), cancel);
            if (part.MessageType == WebSocketMessageType.Close)
                return false;
            Take(_part.AsMemory(0, part.Count));
            if (part.EndOfMessage)
                _channel = None;
            return true;
        }
        catch (WebSocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <exception cref="IOException">The other side says what went wrong, e.g. that nothing listens on the port.</exception>
    private void Take(ReadOnlyMemory<byte> data)
    {
        if (_channel == None && !data.IsEmpty)
        {
            _channel = data.Span[0];
            data = data[1..];
            if (_channel < _greeted.Length && !_greeted[_channel])
            {
                _greeted[_channel] = true;
                data = data[Math.Min(sizeof(ushort), data.Length)..];
            }
        }

        if (_channel == Data)
            _rest = data;
        else if (_channel == Error && !data.IsEmpty)
            throw new IOException(Encoding.UTF8.GetString(data.Span).Trim());
    }
}
