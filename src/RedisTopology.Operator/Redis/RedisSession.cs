using System.Collections.Concurrent;
using System.Net;
using System.Security.Authentication;
using StackExchange.Redis;

namespace RedisTopology.Operator.Redis;

/// <summary>Commands to the single servers of one cluster, each bounded in time. Never redirected: every command goes to the address it is meant for.</summary>
internal sealed class RedisSession : IRedisCommands, IAsyncDisposable
{
    private readonly ConnectionMultiplexer? _multiplexer;
    private readonly ConfigurationOptions? _options;
    private readonly ConcurrentDictionary<EndPoint, string> _failures = new();
    private DirectConnections? _patient;

    public RedisSession(ConnectionMultiplexer multiplexer, ConfigurationOptions options, ServerTrust? trust, Action news)
    {
        _multiplexer = multiplexer;
        _options = options;
        Trust = trust;
        multiplexer.ConnectionFailed += (_, e) =>
        {
            _failures[e.EndPoint!] = Explain(e.Exception) ?? (e.FailureType == ConnectionFailureType.AuthenticationFailure ? RedisUnavailableException.WrongPassword : e.FailureType.ToString());
            if (e.FailureType is ConnectionFailureType.SocketClosed or ConnectionFailureType.SocketFailure)
                news();
        };
        multiplexer.ConnectionRestored += (_, e) =>
        {
            _failures.TryRemove(e.EndPoint!, out string? _);
            news();
        };
    }

    private RedisSession()
    {
    }

    /// <summary>No server at all.</summary>
    public static RedisSession None { get; } = new();

    /// <inheritdoc/>
    public string Password => _options?.Password ?? "";

    /// <summary>How servers are verified; null when they do not speak TLS.</summary>
    public ServerTrust? Trust { get; }

    /// <inheritdoc/>
    public async Task<RedisResult> ExecuteAsync(string address, string command, params object[] arguments)
    {
        if (_multiplexer is null)
            throw new RedisUnavailableException("there is no connection");
        var endpoint = RedisEndpoint.Of(address);
        try
        {
            return await SendAsync(_multiplexer, endpoint, command, arguments);
        }
        catch (RedisCommandException e)
        {
            throw new RedisUnavailableException(e.Message, e);
        }
        catch (Exception e) when (e is RedisConnectionException or RedisTimeoutException or ObjectDisposedException or TaskCanceledException)
        {
            var why = e is RedisTimeoutException
                ? RedisUnavailableException.Silent(TimeSpan.FromMilliseconds(_options!.AsyncTimeout))
                : _failures.GetValueOrDefault(endpoint) ?? Explain(e) ?? "not connected";
            throw new RedisUnavailableException(why, e);
        }
    }

    /// <summary>The library sends a replica nothing that is for masters, and learns of a failover once in a long while, unless it is told to look.</summary>
    private static async Task<RedisResult> SendAsync(ConnectionMultiplexer multiplexer, EndPoint endpoint, string command, object[] arguments)
    {
        try
        {
            return await multiplexer.GetServer(endpoint).ExecuteAsync(command, arguments, CommandFlags.NoRedirect);
        }
        catch (RedisCommandException)
        {
            await multiplexer.ConfigureAsync();
            return await multiplexer.GetServer(endpoint).ExecuteAsync(command, arguments, CommandFlags.NoRedirect);
        }
    }

    /// <summary>The connections for moving slots. They are opened when needed and kept until <see cref="ClosePatient"/>.</summary>
    /// <param name="timeout">How long a command may take.</param>
    /// <returns>The connections.</returns>
    public IRedisCommands Patient(TimeSpan timeout) => _options is null ? None : _patient ??= new DirectConnections(Password, timeout, Trust);

    /// <summary>Closes the connections of <see cref="Patient"/>, if there are any.</summary>
    public void ClosePatient()
    {
        _patient?.Dispose();
        _patient = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        ClosePatient();
        if (_multiplexer is not null)
        {
            await _multiplexer.CloseAsync(allowCommandsToComplete: false);
            await _multiplexer.DisposeAsync();
        }
    }

    /// <summary>The root cause in a few words: the library's own messages carry paragraphs of its internal counters.</summary>
    private static string? Explain(Exception? exception)
    {
        // The library calls it by the same name as a refused password.
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is AuthenticationException)
                return $"{RedisUnavailableException.NotVerified}: {e.Message}";
        }

        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e.Message.Contains("WRONGPASS", StringComparison.Ordinal) || e.Message.Contains("NOAUTH", StringComparison.Ordinal) || e.Message.Contains("AuthenticationFailure", StringComparison.Ordinal))
                return RedisUnavailableException.WrongPassword;
            if (e is System.Net.Sockets.SocketException socket)
                return socket.SocketErrorCode == System.Net.Sockets.SocketError.ConnectionRefused ? RedisUnavailableException.Refused : socket.SocketErrorCode.ToString();
        }

        return null;
    }
}
