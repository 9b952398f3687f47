using System.Net;
using System.Net.Sockets;

namespace RedisTopology.Testing;

/// <summary>
/// A real Redis or Valkey server on a port of its own on loopback, with its data in a temporary directory. It keeps port and data
/// when it is killed and started again.
/// </summary>
public sealed class RedisProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);
    private readonly RedisProcessOptions _options;
    private readonly string _binary;
    private readonly PortLease _port;
    private readonly PortLease? _tlsPort;
    private readonly TestDirectory _directory = TestDirectory.Create("redis");
    private ManagedProcess? _process;

    private RedisProcess(RedisProcessOptions options)
    {
        _options = options;
        _binary = FindBinary(options.Binary);
        _port = PortLease.Take(options.Cluster ? 10_000 : 0);
        _tlsPort = options.Tls is null ? null : PortLease.Take(options.Cluster ? 10_000 : 0);
    }

    /// <summary>Its address.</summary>
    public IPAddress Address => _options.Address ?? IPAddress.Loopback;

    /// <summary>Its port.</summary>
    public int Port => _port.Port;

    /// <summary>Its port for TLS; null when it has none.</summary>
    public int? TlsPort => _tlsPort?.Port;

    /// <summary>E.g. <c>127.0.0.1:12345</c>.</summary>
    public string Endpoint => $"{Address}:{Port}";

    /// <summary>Where its data and log are.</summary>
    public string Directory => _directory.FullPath;

    /// <summary>Process id of the running server.</summary>
    public int Pid => Running().Pid;

    /// <summary>How long a command may take. Default 10 s.</summary>
    public TimeSpan ReplyTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Starts a server and waits until it answers.</summary>
    /// <exception cref="MissingPrerequisiteException">There is no such program.</exception>
    /// <exception cref="ProcessStartException">It did not come up; ends with its log.</exception>
    public static async Task<RedisProcess> StartAsync(RedisProcessOptions? options = null, CancellationToken ct = default)
    {
        var redis = new RedisProcess(options ?? new RedisProcessOptions());
        try
        {
            await redis.StartAgainAsync(ct);
            return redis;
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary>The full path of a server program.</summary>
    /// <exception cref="MissingPrerequisiteException">It is not there.</exception>
    public static string FindBinary(string binary = "redis-server")
    {
        const string Remedy = "Install the package redis-server (Debian), run tests/scripts/install-test-deps.sh, or set REDIS_SERVER to a server's path.";
        if (!binary.Contains('/', StringComparison.Ordinal))
            return Executables.Find(binary, Remedy);
        return File.Exists(binary) ? binary : throw new MissingPrerequisiteException(binary, Remedy);
    }

    /// <summary>Starts the server again after <see cref="KillAsync"/> or <see cref="StopAsync"/>, on the same port and data.</summary>
    public async Task StartAgainAsync(CancellationToken ct = default)
    {
        if (_process is { HasExited: false })
            throw new InvalidOperationException($"The server at {Endpoint} is running.");
        if (_process is not null)
            await _process.DisposeAsync();

        List<string> config = [$"bind {Address}", $"port {Port}", $"dir {Directory}", "save \"\"", "daemonize no"];
        if (_options.Cluster)
            config.AddRange(["cluster-enabled yes", "cluster-config-file nodes.conf"]);
        if (_options.Address is { } address)
            config.AddRange([$"bind-source-addr {address}", "protected-mode no"]);
        if (_options.Password is { } password)
            config.AddRange([$"requirepass \"{password}\"", $"masterauth \"{password}\""]);
        if (_options.Tls is var (ca, certificate, key))
            config.AddRange([$"tls-port {TlsPort}", $"tls-ca-cert-file {ca}", $"tls-cert-file {certificate}", $"tls-key-file {key}", "tls-auth-clients optional", "tls-cluster yes", "tls-replication yes"]);
        config.AddRange(_options.Config);
        await File.WriteAllLinesAsync(_directory["redis.conf"], config, ct);
        var process = _process = ManagedProcess.Start(_binary, [_directory["redis.conf"]], _directory["redis.log"]);
        var time = TimeProvider.System;
        var started = time.GetTimestamp();
        while (true)
        {
            if (process.HasExited || time.GetElapsedTime(started) > StartTimeout)
                throw new ProcessStartException($"{_binary} at {Endpoint} did not come up. Its log ends with:\n{process.LogTail()}");
            try
            {
                await CallAsync(["PING"], ct);
                return;
            }
            catch (Exception e) when (e is SocketException or IOException or RespErrorException { IsLoading: true })
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), time, ct);
            }
        }
    }

    /// <summary>
    /// Sends one command on a connection of its own. The reply is a string, a long, null, or an array (<c>object?[]</c>) of these.
    /// </summary>
    /// <exception cref="RespErrorException">The server answered with an error.</exception>
    /// <exception cref="TimeoutException">No answer within <see cref="ReplyTimeout"/>.</exception>
    public Task<object?> ExecuteAsync(params string[] command) => CallAsync(command, CancellationToken.None);

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => Running().KillAsync();

    /// <summary>SIGTERM; SIGKILL after <paramref name="grace"/> (default 10 s).</summary>
    public Task StopAsync(TimeSpan? grace = null) => Running().StopAsync(grace ?? TimeSpan.FromSeconds(10));

    /// <summary>SIGSTOP: connections stay open, nothing answers.</summary>
    public void Freeze() => Running().Freeze();

    /// <summary>SIGCONT.</summary>
    public void Resume() => Running().Resume();

    /// <summary>The last lines of its log.</summary>
    public string LogTail(int lines = 25) => Running().LogTail(lines);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _port.Dispose();
        _tlsPort?.Dispose();
        _directory.Dispose();
    }

    private async Task<object?> CallAsync(string[] command, CancellationToken ct)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ct);
        timeout.CancelAfter(ReplyTimeout);
        try
        {
            return await RespCall.ExecuteAsync(new IPEndPoint(Address, Port), _options.Password, command, timeout.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new TimeoutException($"{Endpoint} did not answer {command[0]} within {ReplyTimeout}.");
        }
    }

    private ManagedProcess Running() => _process ?? throw new InvalidOperationException("The server was never started.");
}
