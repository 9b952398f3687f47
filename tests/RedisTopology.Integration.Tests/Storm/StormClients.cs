using k8s;
using k8s.Autorest;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;
using RedisTopology.Testing.Load;

namespace RedisTopology.Integration.Tests.Storm;

/// <summary>Those who use the cluster meanwhile: cluster clients, and clients of a sidecar. They read password and configuration again once in a while, as mounted files are.</summary>
internal sealed class StormClients : IAsyncDisposable
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly TestCluster _cluster;
    private readonly TestDirectory _directory = TestDirectory.Create("storm-sidecar");
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(string Name, ClusterLoad Load)> _loads = [];
    private SidecarProcess? _sidecar;
    private OwnershipWatch? _owners;
    private Task _refreshing = Task.CompletedTask;

    private StormClients(TestCluster cluster, string password) => (_cluster, Password) = (cluster, password);

    /// <summary>The password of the clients' Secret, as last read.</summary>
    public string Password { get; private set; }

    /// <summary>The longest time a slot had two owners.</summary>
    public TimeSpan LongestDouble => _owners!.LongestDouble;

    public static async Task<StormClients> StartAsync(TestCluster cluster, bool sidecar)
    {
        var clients = new StormClients(cluster, await cluster.PasswordAsync());
        try
        {
            await clients.BeginAsync(sidecar);
            return clients;
        }
        catch
        {
            await clients.DisposeAsync();
            throw;
        }
    }

    /// <summary>Of the times a writer went without an acknowledged write that began between two timestamps the longest, and the timestamp it began. For loads that have stopped.</summary>
    public (long Since, TimeSpan Length) LongestGap(long since, long until) => _loads.Select(l => l.Load.LongestGap(since, until)).MaxBy(g => g.Length);

    /// <summary>Stops the loads and has them read everything back.</summary>
    public async Task<IReadOnlyList<(string Name, LoadReport Report)>> StopAsync()
    {
        var reports = new List<(string, LoadReport)>();
        foreach (var (name, load) in _loads)
            reports.Add((name, await load.StopAsync()));
        return reports;
    }

    /// <summary>The end of the sidecar's log.</summary>
    public string SidecarLog() => _sidecar?.Process.LogTail(15) ?? "";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _refreshing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var (_, load) in _loads)
            await load.DisposeAsync();
        if (_owners is not null)
            await _owners.DisposeAsync();
        if (_sidecar is not null)
            await _sidecar.DisposeAsync();
        _directory.Dispose();
        _stop.Dispose();
    }

    private async Task BeginAsync(bool sidecar)
    {
        _owners = OwnershipWatch.Start(() => _cluster.Endpoints, () => Password);
        var options = new ClusterLoadOptions { Lanes = sidecar ? 4 : 8, Deadline = Deadline, Think = TimeSpan.FromMilliseconds(8) };
        _loads.Add(("cluster clients", await ClusterLoad.StartAsync(() => _cluster.Endpoints, () => Password, options)));
        if (sidecar)
        {
            _sidecar = await _cluster.StartSidecarAsync(_cluster.Name, _directory);
            var endpoint = $"127.0.0.1:{_sidecar.Port}";
            _loads.Add(("sidecar", await ClusterLoad.StartAsync(() => [endpoint], () => null, options with { ThroughProxy = true, StaticKeys = 0, ReplyTimeout = Deadline })));
        }

        _refreshing = Task.Run(RefreshAsync);
    }

    private async Task RefreshAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Password = await _cluster.PasswordAsync();
                if (_sidecar is not null)
                    await MountAsync(_sidecar);
            }
            catch (Exception e) when (e is HttpOperationException or HttpRequestException)
            {
                // Asked again in a moment.
            }

            await Task.Delay(Refresh, TimeProvider.System, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What a kubelet does: the Secret and the ConfigMap as they are now. In place of the Service it names, the addresses that has.</summary>
    private async Task MountAsync(SidecarProcess sidecar)
    {
        await ReplaceAsync(_directory["password"], Password);
        var map = await _cluster.Client.CoreV1.ReadNamespacedConfigMapAsync($"{_cluster.Name}-sidecar", _cluster.Namespace);
        var kept = (await File.ReadAllLinesAsync(sidecar.ConfigPath)).Where(l => l.StartsWith("listen:", StringComparison.Ordinal) || l.StartsWith("admin:", StringComparison.Ordinal));
        var written = map.Data["sidecar.yaml"].Replace("/auth/password", _directory["password"], StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(l => !l.StartsWith("seeds:", StringComparison.Ordinal));
        var seeds = _cluster.Endpoints.Order(StringComparer.Ordinal).Select(e => $"- {e}").ToList();
        if (seeds.Count > 0)
            await ReplaceAsync(sidecar.ConfigPath, string.Join('\n', [.. kept, "seeds:", .. seeds, .. written]) + "\n");
    }

    private static async Task ReplaceAsync(string path, string text)
    {
        if (await File.ReadAllTextAsync(path) == text)
            return;
        await File.WriteAllTextAsync(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }
}
