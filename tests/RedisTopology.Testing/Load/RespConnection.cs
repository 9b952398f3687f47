using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace RedisTopology.Testing.Load;

/// <summary>One connection, one request at a time, RESP2. After any failure it is of no use any more: what is on its way cannot be told apart.</summary>
internal sealed class RespConnection : IDisposable
{
    private readonly Socket _socket;
    private Stream? _stream;
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    private RespConnection(Socket socket) => _socket = socket;

    /// <summary>Connects; whatever goes wrong is told as it is.</summary>
    public static async Task<RespConnection> ConnectAsync(IPEndPoint endpoint, ClientTls? tls, CancellationToken cancellationToken)
    {
        var connection = new RespConnection(new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        try
        {
            await connection._socket.ConnectAsync(endpoint, cancellationToken);
            var plain = new NetworkStream(connection._socket);
            connection._stream = plain;
            if (tls is not null)
            {
                var encrypted = new SslStream(plain);
                connection._stream = encrypted;
                await encrypted.AuthenticateAsClientAsync(tls.Options(), cancellationToken);
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Connects and authenticates, within <paramref name="timeout"/> in all.</summary>
    /// <exception cref="IOException">Nobody answers, or not in time.</exception>
    public static async Task<RespConnection> OpenAsync(string endpoint, string? password, TimeSpan timeout, CancellationToken cancellationToken, ClientTls? tls = null)
    {
        RespConnection? connection = null;
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(timeout);
            connection = await ConnectAsync(IPEndPoint.Parse(endpoint), tls, limit.Token);
            if (password is not null && await connection.ExchangeAsync([["AUTH", password]], limit.Token) is RespError error)
                throw new IOException($"{endpoint}: {error.Message}");
            return connection;
        }
        catch (Exception e)
        {
            connection?.Dispose();
            if (e is IOException || cancellationToken.IsCancellationRequested)
                throw;
            throw new IOException($"{endpoint}: {e.Message}", e);
        }
    }

    /// <summary>Sends commands at once and returns the reply to the last of them.</summary>
    /// <exception cref="IOException">The reply did not come: whether the commands were carried out is not known.</exception>
    public async Task<object?> CallAsync(string[][] commands, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            return await ExchangeAsync(commands, limit.Token);
        }
        catch (Exception e) when (e is not IOException && !cancellationToken.IsCancellationRequested)
        {
            throw new IOException(e.Message, e);
        }
    }

    public void Dispose()
    {
        _stream?.Dispose();
        _socket.Dispose();
    }

    /// <summary>Sends commands at once and returns the reply to the last of them; whatever goes wrong is told as it is.</summary>
    public async Task<object?> ExchangeAsync(string[][] commands, CancellationToken cancellationToken)
    {
        var request = new StringBuilder();
        foreach (var command in commands)
        {
            request.Append(CultureInfo.InvariantCulture, $"*{command.Length}\r\n");
            foreach (var argument in command)
                request.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(argument)}\r\n{argument}\r\n");
        }

        await _stream!.WriteAsync(Encoding.UTF8.GetBytes(request.ToString()), cancellationToken);
        object? reply = null;
        for (var i = 0; i < commands.Length; i++)
            reply = await ReadAsync(cancellationToken);
        return reply;
    }

    private async Task<object?> ReadAsync(CancellationToken cancellationToken)
    {
        var line = await ReadLineAsync(cancellationToken);
        var rest = line[1..];
        switch (line[0])
        {
            case '+':
                return rest;
            case '-':
                return new RespError(rest);
            case ':':
                return long.Parse(rest, CultureInfo.InvariantCulture);
            case '$' when rest == "-1":
            case '*' when rest == "-1":
                return null;
            case '$':
                var length = int.Parse(rest, CultureInfo.InvariantCulture);
                while (_end - _start < length + 2)
                    await FillAsync(cancellationToken);
                var text = Encoding.UTF8.GetString(_buffer, _start, length);
                _start += length + 2;
                return text;
            case '*':
                var items = new object?[int.Parse(rest, CultureInfo.InvariantCulture)];
                for (var i = 0; i < items.Length; i++)
                    items[i] = await ReadAsync(cancellationToken);
                return items;
            default:
                throw new IOException($"Not RESP2: {line}");
        }
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        int length;
        while ((length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0)
            await FillAsync(cancellationToken);
        var line = Encoding.UTF8.GetString(_buffer, _start, length);
        _start += length + 2;
        return line;
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        var received = await _stream!.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        if (received == 0)
            throw new IOException("The server closed the connection");
        _end += received;
    }
}
