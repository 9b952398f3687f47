using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using RedisTopology.Sidecar.Admin;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Engine;
using RedisTopology.Sidecar.Metrics;
using RedisTopology.Sidecar.Population;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Host;

/// <summary>
/// All parts of the sidecar, in the order in which they start: clients are accepted at once, and their commands wait in the failover buffer until the topology
/// is known; the admin server comes last, since nobody waits for it.
/// </summary>
internal sealed partial class SidecarHost : IAsyncDisposable
{
    private readonly OptionsSource _options;
    private readonly ClusterTopology _topology;
    private readonly ProxyServer _proxy;
    private readonly OptionsWatcher _watcher;
    private readonly AdminServer _admin;
    private readonly string? _file;
    private readonly ILogger _log;

    /// <summary>Puts the parts together; nothing runs yet.</summary>
    /// <param name="reader">Reads the configuration anew.</param>
    /// <param name="options">The options to start with.</param>
    /// <param name="loggers">Makes loggers.</param>
    /// <param name="logging">Where the admin server logs.</param>
    /// <param name="time">The clock.</param>
    public SidecarHost(OptionsReader reader, SidecarOptions options, ILoggerFactory loggers, ILoggerProvider logging, TimeProvider time)
    {
        var reload = new ReloadMetrics();
        _file = reader.File;
        _log = loggers.CreateLogger<SidecarHost>();
        _options = new OptionsSource(options);
        _topology = new ClusterTopology(_options, time, loggers.CreateLogger<ClusterTopology>());
        _proxy = new ProxyServer(_topology, _options, loggers.CreateLogger<ProxyServer>());
        _watcher = new OptionsWatcher(reader, _options, reload, time, loggers.CreateLogger<OptionsWatcher>());
        var pages = new AdminPages(
            new HealthChecks(_proxy.Metrics, _topology, () => _proxy.IsAccepting, () => _topology.Report().LastRefreshTroubles, () => _options.Current.FailoverBuffer),
            () => new MetricSources(_proxy.Metrics, _topology.Report(), _topology.Metrics, reload, _proxy.Population),
            () => JsonSerializer.Serialize(_topology.Report(), TopologyReportContext.Default.TopologyReport));
        _admin = new AdminServer(options.Admin, pages, new PushEndpoint(_proxy.Population, _options, time), logging);
    }

    /// <summary>Runs until asked to stop, then drains.</summary>
    /// <param name="stop">Asks to stop.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        if (!await TryStartAsync())
            return ExitCodes.Failed;
        using var watching = new CancellationTokenSource();
        var watcher = _watcher.RunAsync(watching.Token);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }

        var code = await DrainAsync();
        await watching.CancelAsync();
        await watcher;
        return code;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync();
        await _proxy.DisposeAsync();
        await _topology.DisposeAsync();
    }

    private async Task<bool> TryStartAsync()
    {
        var options = _options.Current;
        _topology.Start();
        try
        {
            _proxy.Start();
        }
        catch (SocketException e)
        {
            CannotListen("clients", "listen", options.Listen, e);
            return false;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            LogNoLibc(e.Message);
            return false;
        }

        var (places, seeds) = (options.UnixSocket is null ? $"{_proxy.EndPoint}" : $"{_proxy.EndPoint} and {options.UnixSocket}", string.Join(", ", options.Seeds));
        LogListening(places, seeds);
        try
        {
            // Not cancelled: it is short, and a process that is told to stop while it starts ends like any other.
            await _admin.StartAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            CannotListen("the admin server", "admin", options.Admin, e.InnerException ?? e);
            return false;
        }

        LogAdmin(_admin.EndPoint);
        return true;
    }

    private async Task<int> DrainAsync()
    {
        var limit = _options.Current.Drain;
        var shown = OptionTypes.Show(limit);
        LogDraining(shown);
        using var deadline = new CancellationTokenSource(limit);
        try
        {
            await _proxy.DrainAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            // The time is over.
        }

        var left = _proxy.Metrics.Sum(l => l.Clients);
        if (left > 0 && deadline.IsCancellationRequested)
        {
            LogCutOff(left);
            return ExitCodes.CutOff;
        }

        LogDrained();
        return ExitCodes.Ok;
    }

    private void CannotListen(string whom, string key, IPEndPoint endPoint, Exception error)
    {
        var remedy = _file is null ? $"--{key}" : $"{key} in {_file}, or --{key}";
        LogCannotListen(whom, endPoint, error.Message, remedy);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Cannot listen for {Whom} at {EndPoint}: {Reason}. Choose another address: {Remedy}")]
    private partial void LogCannotListen(string whom, IPEndPoint endPoint, string reason, string remedy);

    [LoggerMessage(Level = LogLevel.Error, Message = "A call of the system's C library is missing: {Reason}. It needs Linux with glibc 2.23 or musl 1.1")]
    private partial void LogNoLibc(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Clients connect to {Places}; the topology is learned from {Seeds}")]
    private partial void LogListening(string places, string seeds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Health and metrics are at http://{EndPoint}")]
    private partial void LogAdmin(IPEndPoint endPoint);

    [LoggerMessage(Level = LogLevel.Information, Message = "Asked to stop: no new clients, and {Limit} for those there are to finish")]
    private partial void LogDraining(string limit);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The time to drain is over: {Clients} clients are cut off")]
    private partial void LogCutOff(long clients);

    [LoggerMessage(Level = LogLevel.Information, Message = "Every client was answered; ending")]
    private partial void LogDrained();
}
