using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Tls;

namespace RedisTopology.Sidecar.Topology.Control;

/// <summary>
/// A connection of the control side to one server: requests go out together, and their replies are waited for together. It has no timeouts of its own, as a timer
/// per request would cost more than the request: whoever uses it disposes it when it takes too long, and what is under way then fails.
/// </summary>
internal sealed class ControlConnection : IDisposable
{
    private const int MaxReply = 64 << 20;
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private SslStream? _tls;
    private byte[] _buffer = new byte[1024];

    /// <summary>Whether it is TLS.</summary>
    public bool IsTls => _tls is not null;

    /// <summary>Whether its TLS handshake has begun and is not over.</summary>
    public bool IsShaking => _tls is { IsAuthenticated: false };

    /// <summary>Connects and authenticates as the options say; the password is read anew, so that a rotated one is met.</summary>
    /// <param name="endPoint">The server.</param>
    /// <param name="source">The options in force, and the password.</param>
    /// <exception cref="ControlException">The server refuses the password.</exception>
    /// <exception cref="SocketException">The server can not be reached, or this was disposed.</exception>
    /// <exception cref="IOException">The connection broke, or the password file can not be read.</exception>
    public async Task OpenAsync(IPEndPoint endPoint, OptionsSource source)
    {
        var options = source.Current;
        await ConnectAsync(endPoint, options, CancellationToken.None);
        var passwords = source.Password.Read(options.PasswordFile, out var trouble);
        if (trouble is not null && passwords.Length == 0)
            throw new IOException(trouble);
        for (var i = 0; i < passwords.Length; i++)
        {
            var answer = ReadOne(await ExchangeAsync(options.Username is { } user ? Encode("AUTH", user, passwords[i]) : Encode("AUTH", passwords[i]), 1));
            if (i == passwords.Length - 1)
                ControlException.ThrowIfError(answer);
            if (answer.IsError)
                continue;
            source.Password.Taken(passwords[i]);
            return;
        }
    }

    /// <summary>As <see cref="OpenAsync"/>, without a password: for what is allowed, or refused, to anybody.</summary>
    /// <param name="endPoint">The server.</param>
    /// <param name="options">The options in force.</param>
    /// <param name="stop">Gives up.</param>
    public async ValueTask ConnectAsync(IPEndPoint endPoint, SidecarOptions options, CancellationToken stop)
    {
        await _socket.ConnectAsync(endPoint, stop);
        if (options.ServerTls is not { } tls)
            return;
        var verdict = new PeerVerdict();
        _tls = new(new NetworkStream(_socket));
        try
        {
            await tls.AuthenticateAsync(_tls, verdict);
        }
        catch (Exception e) when (TlsTrouble.IsExpected(e))
        {
            throw new IOException($"TLS: {verdict.Reason ?? TlsTrouble.Describe(e)}", e);
        }
    }

    /// <summary>A command as it is sent.</summary>
    /// <param name="words">Its name and arguments.</param>
    /// <returns>The bytes.</returns>
    public static byte[] Encode(params ReadOnlySpan<string> words)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{words.Length}\r\n");
        foreach (var word in words)
            text.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Reads the first of the replies that <see cref="ExchangeAsync"/> returned.</summary>
    /// <param name="replies">The bytes.</param>
    /// <returns>The reply.</returns>
    public static ControlReply ReadOne(ReadOnlyMemory<byte> replies)
    {
        var bytes = replies.Span;
        return ControlReply.Read(ref bytes);
    }

    /// <summary>Sends commands and waits for their replies. One call at a time.</summary>
    /// <param name="request">The commands.</param>
    /// <param name="replies">How many they are.</param>
    /// <returns>The bytes of the replies, one after the other; good until the next call.</returns>
    /// <exception cref="IOException">The connection ended.</exception>
    /// <exception cref="InvalidDataException">What came is no reply.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReadOnlyMemory<byte>> ExchangeAsync(ReadOnlyMemory<byte> request, int replies)
    {
        if (_tls is not null)
            await _tls.WriteAsync(request);
        while (_tls is null && !request.IsEmpty)
            request = request[await _socket.SendAsync(request)..];
        var (whole, end) = (0, 0);
        while (true)
        {
            while (replies > 0 && ControlReply.TryMeasure(_buffer.AsSpan(whole, end - whole), out var length))
                (whole, replies) = (whole + length, replies - 1);
            if (replies == 0)
                return whole == end ? _buffer.AsMemory(0, whole) : throw new InvalidDataException("more replies than requests");
            if (end == _buffer.Length)
                Array.Resize(ref _buffer, end < MaxReply ? 2 * end : throw new InvalidDataException("a reply that does not end"));
            var received = await (_tls?.ReadAsync(_buffer.AsMemory(end)) ?? _socket.ReceiveAsync(_buffer.AsMemory(end)));
            end += received > 0 ? received : throw new IOException("the server closed the connection");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _tls?.Dispose();
    }
}
