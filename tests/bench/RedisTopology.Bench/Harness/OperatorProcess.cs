using System.Globalization;
using RedisTopology.Testing;

namespace RedisTopology.Bench.Harness;

/// <summary>The operator as people run it: a process of its own, without a leader election, whose memory, CPU time and metrics can be read.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http;
    private readonly ManagedProcess _process;
    private readonly PortLease _port;
    private readonly TestDirectory _directory;
    private bool _stopped;

    private OperatorProcess(ManagedProcess process, PortLease port, TestDirectory directory)
    {
        (_process, _port, _directory) = (process, port, directory);
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port.Port}/") };
    }

    public string LogPath => _process.LogPath;

    /// <summary>Starts it and waits until its caches have caught up.</summary>
    public static async Task<OperatorProcess> StartAsync(string kubeconfig, CancellationToken cancel)
    {
        var port = PortLease.Take();
        var directory = TestDirectory.Create("bench-operator");
        directory.Keep = Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_TEST_KEEP") is { Length: > 0 };
        var process = ManagedProcess.Start(
            Path.Combine(AppContext.BaseDirectory, "redis-topology-operator"),
            ["run", "--kubeconfig", kubeconfig, "--leader-election", "false", "--http-address", "127.0.0.1", "--http-port", port.Port.ToString(CultureInfo.InvariantCulture)],
            directory["operator.log"]);
        var running = new OperatorProcess(process, port, directory);
        await Eventually.ThatAsync(
            async () => process.HasExited ? throw new InvalidOperationException(process.LogTail()) : await running.IsReadyAsync(cancel), ready => ready, StartTimeout, ct: cancel);
        return running;
    }

    /// <summary>Reads <c>/metrics</c>.</summary>
    public async Task<MetricsSample> MetricsAsync(CancellationToken cancel) => MetricsSample.Parse(await _http.GetStringAsync("metrics", cancel));

    /// <summary>A field of <c>/proc/pid/status</c> in MiB: <c>VmRSS</c>, or <c>VmHWM</c>, its highest value so far.</summary>
    public double Memory(string field)
    {
        var line = File.ReadLines($"/proc/{_process.Pid}/status").First(l => l.StartsWith(field + ":", StringComparison.Ordinal));
        return double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>User and system time used so far.</summary>
    public TimeSpan CpuTime()
    {
        // The second field is the program's name in parentheses; user and system ticks (1/100 s) are fields 14 and 15.
        var fields = File.ReadAllText($"/proc/{_process.Pid}/stat").Split(") ")[1].Split(' ');
        return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)));
    }

    /// <summary>Stops it as SIGTERM does; a second time nothing happens.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopped)
            return;
        _stopped = true;
        await _process.StopAsync(TimeSpan.FromSeconds(10));
        await _process.DisposeAsync();
        _http.Dispose();
        _port.Dispose();
        _directory.Dispose();
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancel)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri("readyz", UriKind.Relative), cancel);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
