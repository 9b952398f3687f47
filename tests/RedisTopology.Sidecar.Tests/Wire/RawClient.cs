using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RedisTopology.Sidecar.Tests.Wire;

/// <summary>A connection that shows the bytes of each reply.</summary>
public sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 30_000, SendTimeout = 30_000 };
    private byte[] _buffer = new byte[64 * 1024];
    private int _length;

    public RawClient(int port) => _socket.Connect(IPAddress.Loopback, port);

    /// <summary>Sends a request and returns its reply's bytes.</summary>
    public byte[] Raw(params string[] arguments)
    {
        Send(new Request(arguments).Frame.Span);
        return Receive();
    }

    /// <summary>Sends a request and returns its reply.</summary>
    public Reply Call(params string[] arguments) => Reply.Parse(Raw(arguments));

    /// <summary>As <see cref="Call"/>, and the reply is no error.</summary>
    public Reply Must(params string[] arguments) => Call(arguments) is { IsError: false } reply ? reply : throw new InvalidOperationException($"{string.Join(' ', arguments)}: an error");

    /// <summary>Asks the same as another connection is asked, and the replies are the same bytes.</summary>
    /// <param name="server">To one plain server.</param>
    /// <param name="command">Words with a blank between them.</param>
    public void MustAnswerAs(RawClient server, string command)
    {
        var (expected, actual) = (server.Raw(command.Split(' ')), Raw(command.Split(' ')));
        Assert.True(expected.AsSpan().SequenceEqual(actual), $"{command}\none server: {Encoding.Latin1.GetString(expected)}\nsidecar:    {Encoding.Latin1.GetString(actual)}");
    }

    /// <summary>Whether bytes have come that no reply has been made of.</summary>
    public bool HasMore => _length > 0 || _socket.Available > 0;

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[_socket.Send(bytes)..];
    }

    /// <summary>The next reply's bytes.</summary>
    public byte[] Receive()
    {
        while (true)
        {
            if (Reply.Read(_buffer.AsSpan(0, _length)) is (not null, var length))
            {
                var reply = _buffer[..length];
                _length -= length;
                Buffer.BlockCopy(_buffer, length, _buffer, 0, _length);
                return reply;
            }

            if (_length == _buffer.Length)
                Array.Resize(ref _buffer, 2 * _length);
            var received = _socket.Receive(_buffer, _length, _buffer.Length - _length, SocketFlags.None);
            if (received == 0)
                throw new IOException("The connection was closed.");
            _length += received;
        }
    }

    public void Dispose() => _socket.Dispose();
}
