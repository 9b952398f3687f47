using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RedisTopology.Testing;

/// <summary>
/// A connection that shows replies as the bytes they are, RESP2 or RESP3, and sends whatever it is told, valid or not. Blocking: a test that needs several at once uses as many
/// of these, or threads.
/// </summary>
public sealed class RespSocket : IDisposable
{
    private readonly Socket _socket;
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    private RespSocket(Socket socket) => _socket = socket;

    /// <summary>The socket, for tests that need to do it harm.</summary>
    public Socket Socket => _socket;

    /// <summary>Connects to a port of 127.0.0.1.</summary>
    /// <param name="port">The port.</param>
    /// <param name="timeout">How long a send or a receive may take. Default 60 s.</param>
    public static RespSocket Connect(int port, TimeSpan? timeout = null)
    {
        var milliseconds = (int)(timeout ?? TimeSpan.FromSeconds(60)).TotalMilliseconds;
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = milliseconds, SendTimeout = milliseconds };
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return new RespSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A request in RESP; each character of an argument is one byte (Latin-1).</summary>
    public static byte[] Encode(params string[] command)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{command.Length}\r\n");
        foreach (var argument in command)
            text.Append(CultureInfo.InvariantCulture, $"${argument.Length}\r\n").Append(argument).Append("\r\n");
        return Encoding.Latin1.GetBytes(text.ToString());
    }

    /// <summary>Sends bytes as they are.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[_socket.Send(bytes)..];
    }

    /// <summary>Sends one command without waiting for its reply.</summary>
    public void Send(params string[] command) => Send(Encode(command));

    /// <summary>Sends one command and returns its reply as text: the raw frame, e.g. <c>"$1\r\na\r\n"</c>.</summary>
    public string Call(params string[] command)
    {
        Send(command);
        return Encoding.Latin1.GetString(ReadFrame());
    }

    /// <summary>The next reply, complete and unchanged.</summary>
    /// <exception cref="IOException">The connection was closed, or nothing came in time, or it is not RESP.</exception>
    public byte[] ReadFrame()
    {
        var position = 0;
        for (var frames = 1; frames > 0; frames--)
        {
            var line = ReadLine(position);
            var text = Encoding.Latin1.GetString(_buffer, _start + position, line - 2);
            position += line;
            switch (text[0])
            {
                case '+' or '-' or ':' or '_' or '#' or ',' or '(':
                    break;
                case '$' or '!' or '=':
                    var length = int.Parse(text.AsSpan(1), CultureInfo.InvariantCulture);
                    position += length < 0 ? 0 : length + 2;
                    Need(position);
                    break;
                case '*' or '~' or '>':
                    frames += Math.Max(0, int.Parse(text.AsSpan(1), CultureInfo.InvariantCulture));
                    break;
                case '%':
                    frames += 2 * int.Parse(text.AsSpan(1), CultureInfo.InvariantCulture);
                    break;
                case '|':
                    // Attributes precede the reply they belong to.
                    frames += (2 * int.Parse(text.AsSpan(1), CultureInfo.InvariantCulture)) + 1;
                    break;
                default:
                    throw new IOException($"Not RESP: {text}");
            }
        }

        var frame = _buffer.AsSpan(_start, position).ToArray();
        _start += position;
        return frame;
    }

    /// <summary>Closes the connection; what was not read yet makes it a reset, as for a client that is killed.</summary>
    public void Dispose() => _socket.Dispose();

    /// <summary>The length of the line that begins at <paramref name="position"/>, its end included.</summary>
    private int ReadLine(int position)
    {
        for (var seen = position; ;)
        {
            var end = _buffer.AsSpan(_start + seen, _end - _start - seen).IndexOf("\r\n"u8);
            if (end >= 0)
                return seen + end + 2 - position;
            seen = Math.Max(position, _end - _start - 1);
            Need(_end - _start + 1);
        }
    }

    private void Need(int bytes)
    {
        while (_end - _start < bytes)
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            if (_buffer.Length < bytes || _end == _buffer.Length)
                Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, bytes));
            int received;
            try
            {
                received = _socket.Receive(_buffer.AsSpan(_end));
            }
            catch (SocketException e)
            {
                throw new IOException($"No reply: {e.SocketErrorCode}", e);
            }

            if (received == 0)
                throw new IOException("The server closed the connection");
            _end += received;
        }
    }
}
