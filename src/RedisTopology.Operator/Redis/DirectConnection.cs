using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using StackExchange.Redis;

namespace RedisTopology.Operator.Redis;

/// <summary>
/// A connection to one server with a thread that waits for replies, and goes on right there with whatever awaits one. Between the reply to a <c>MIGRATE</c> and the next one the
/// source has nothing to do: through the pooled connections and the thread pool that was more than half of the time on two busy cores.
/// </summary>
internal sealed class DirectConnection : IDisposable
{
    private readonly IPEndPoint _endpoint;
    private readonly TimeSpan _timeout;
    private readonly ServerTrust? _trust;
    private readonly Socket _socket;
    private readonly Timer _watch;
    private readonly CancellationTokenSource _ended = new();

    /// <summary>Guards all below, and what is sent.</summary>
    private readonly Lock _lock = new();
    private readonly Queue<(TaskCompletionSource<RedisResult> Reply, long Sent)> _waiting = new();
    private readonly ArrayBufferWriter<byte> _request = new(16 * 1024);
    private Stream? _stream;
    private RedisUnavailableException? _lost;

    /// <summary>Begins to connect; commands may be sent at once.</summary>
    /// <param name="endpoint">The server.</param>
    /// <param name="password">Its password.</param>
    /// <param name="timeout">How long a command may take.</param>
    /// <param name="trust">How a server that speaks TLS is verified; null for one that does not.</param>
    public DirectConnection(IPEndPoint endpoint, string password, TimeSpan timeout, ServerTrust? trust = null)
    {
        (_endpoint, _timeout, _trust) = (endpoint, timeout, trust);
        _socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendTimeout = (int)timeout.TotalMilliseconds };
        _watch = new Timer(_ => Watch(), null, timeout / 4, timeout / 4);
        new Thread(() => Run(password)) { IsBackground = true, Name = $"redis {endpoint}" }.Start();
    }

    /// <summary>Whether it is of no use any more.</summary>
    public bool IsLost => _lost is not null;

    /// <summary>Cancelled when it is of no use any more.</summary>
    public CancellationToken Lost => _ended.Token;

    /// <summary>Sends the same command with each of some arguments, all at once.</summary>
    /// <param name="command">The command.</param>
    /// <param name="arguments">Its arguments, for each time.</param>
    /// <returns>The replies.</returns>
    public Task<RedisResult>[] Send(string command, IReadOnlyList<object[]> arguments)
    {
        var replies = new Task<RedisResult>[arguments.Count];
        lock (_lock)
        {
            var now = Stopwatch.GetTimestamp();
            for (var i = 0; i < replies.Length; i++)
            {
                // What awaits the reply goes on within the thread that has read it: that is the point.
                var reply = new TaskCompletionSource<RedisResult>();
                replies[i] = reply.Task;
                if (_lost is not null)
                {
                    reply.SetException(_lost);
                    continue;
                }

                _waiting.Enqueue((reply, now));
                Append(_request, command, arguments[i]);
            }

            if (_stream is not null)
                Flush(_stream);
        }

        return replies;
    }

    /// <inheritdoc/>
    public void Dispose() => Lose("the connection was closed", null);

    private void Run(string password)
    {
        try
        {
            _socket.Connect(_endpoint);
            using var stream = Open();
            var reader = new ReplyReader(stream);
            if (password.Length > 0 && !IsAdmitted(stream, reader, password))
                return;
            lock (_lock)
            {
                _stream = stream;
                Flush(stream);
            }

            while (true)
            {
                var (reply, error) = reader.Read();
                TaskCompletionSource<RedisResult> waiting;
                lock (_lock)
                {
                    if (_lost is not null)
                        return;
                    waiting = _waiting.Dequeue().Reply;
                }

                if (error is null)
                    waiting.SetResult(reply!);
                else
                    waiting.SetException(error);
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidDataException or InvalidOperationException or AuthenticationException)
        {
            Lose(e is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? RedisUnavailableException.Refused : e.Message, e);
        }
    }

    /// <summary>A server that does not answer in time is given up, with all that was asked of it.</summary>
    private void Watch()
    {
        lock (_lock)
        {
            if (!_waiting.TryPeek(out var oldest) || Stopwatch.GetElapsedTime(oldest.Sent) < _timeout)
                return;
        }

        Lose(RedisUnavailableException.Silent(_timeout), null);
    }

    private Stream Open()
    {
        var plain = new NetworkStream(_socket);
        if (_trust is null)
            return plain;
        var stream = new SslStream(plain);
        stream.AuthenticateAsClient(_trust.Options());
        return stream;
    }

    private bool IsAdmitted(Stream stream, ReplyReader reader, string password)
    {
        var request = new ArrayBufferWriter<byte>();
        Append(request, "AUTH", [password]);
        stream.Write(request.WrittenSpan);
        if (reader.Read().Error is not { } refusal)
            return true;
        Lose(RedisUnavailableException.WrongPassword, refusal);
        return false;
    }

    private void Lose(string why, Exception? cause)
    {
        (TaskCompletionSource<RedisResult> Reply, long)[] waiting;
        lock (_lock)
        {
            _lost ??= new RedisUnavailableException(why, cause);
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        _watch.Dispose();
        _socket.Dispose();
        _ended.Cancel();
        foreach (var (reply, _) in waiting)
            reply.TrySetException(_lost);
    }

    private void Flush(Stream stream)
    {
        try
        {
            stream.Write(_request.WrittenSpan);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Whoever reads finds it out, and tells all who wait.
            _socket.Dispose();
        }

        _request.ResetWrittenCount();
    }

    private static void Append(ArrayBufferWriter<byte> request, string command, object[] arguments)
    {
        Header(request, '*', arguments.Length + 1);
        Argument(request, command);
        foreach (var argument in arguments)
            Argument(request, argument);
    }

    private static void Argument(ArrayBufferWriter<byte> request, object argument)
    {
        var bytes = argument as byte[] ?? Encoding.UTF8.GetBytes(Convert.ToString(argument, CultureInfo.InvariantCulture)!);
        Header(request, '$', bytes.Length);
        request.Write(bytes);
        request.Write("\r\n"u8);
    }

    private static void Header(ArrayBufferWriter<byte> request, char type, int number)
    {
        var span = request.GetSpan(16);
        span[0] = (byte)type;
        number.TryFormat(span[1..], out var digits, provider: CultureInfo.InvariantCulture);
        "\r\n"u8.CopyTo(span[(digits + 1)..]);
        request.Advance(digits + 3);
    }
}
