using System.Collections.Concurrent;
using k8s.Models;
using RedisTopology.Testing;
using RedisTopology.Testing.Load;

namespace RedisTopology.Integration.Tests.Harness;

/// <summary>
/// Clients that have just started: again and again each opens a connection to every server, with the password that stands in the Secret at that moment, and with the one they were given before. Also
/// looks whether every pod is ready throughout.
/// </summary>
internal sealed class FreshClients : IAsyncDisposable
{
    private readonly TestCluster _cluster;
    private readonly ClientTls? _tls;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private FreshClients(TestCluster cluster, string former, ClientTls? tls)
    {
        (_cluster, Former, _tls) = (cluster, former, tls);
        _running = Task.Run(RunAsync);
    }

    /// <summary>The password given before; null once nobody is promised anything of it.</summary>
    public string? Former { get; set; }

    public ConcurrentBag<string> Refusals { get; } = [];

    public int Logins { get; private set; }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    /// <summary>Opens a connection and asks something.</summary>
    /// <returns>Why not; null when that went well.</returns>
    public static async Task<string?> TroubleAsync(string endpoint, string password, ClientTls? tls = null)
    {
        try
        {
            using var connection = await RespConnection.OpenAsync(endpoint, password, TimeSpan.FromSeconds(5), CancellationToken.None, tls);
            return await connection.CallAsync([["PING"]], TimeSpan.FromSeconds(5), CancellationToken.None) as string == "PONG" ? null : $"{endpoint}: no PONG";
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    /// <summary>Starts them once the kubelet finds every pod ready, which is some seconds after the operator finds its server in its role.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="former">The password given before.</param>
    /// <param name="tls">How servers that speak TLS are verified; null for those that do not.</param>
    public static async Task<FreshClients> StartAsync(TestCluster cluster, string former, ClientTls? tls = null)
    {
        await Eventually.ThatAsync(cluster.PodsAsync, pods => pods.All(IsReady), TimeSpan.FromSeconds(30));
        return new FreshClients(cluster, former, tls);
    }

    private static bool IsReady(V1Pod pod) => pod.Status.ContainerStatuses?.All(c => c.Ready) == true;

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var given = await _cluster.PasswordAsync();
            foreach (var endpoint in _cluster.Endpoints)
            {
                foreach (var password in new[] { given, Former }.OfType<string>().Distinct())
                {
                    Logins++;
                    if (await TroubleAsync(endpoint, password, _tls) is { } trouble)
                        Refusals.Add(trouble);
                }
            }

            foreach (var pod in (await _cluster.PodsAsync()).Where(p => !IsReady(p)))
                Refusals.Add($"{pod.Metadata.Name} is not ready: {string.Join("; ", (await _cluster.EventsAsync()).Where(e => e.Reason == "Unhealthy" && e.InvolvedObject.Name == pod.Metadata.Name).Select(e => $"{e.Count}x {e.Message}"))}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
