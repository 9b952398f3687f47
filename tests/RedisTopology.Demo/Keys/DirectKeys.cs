using System.Globalization;
using System.Net;
using System.Text;
using k8s;
using RedisTopology.Demo.Clusters;
using StackExchange.Redis;

namespace RedisTopology.Demo.Keys;

/// <summary>StackExchange.Redis on the pods' own addresses.</summary>
internal sealed class DirectKeys : IKeys
{
    private readonly ConnectionMultiplexer _redis;

    private DirectKeys(ConnectionMultiplexer redis) => _redis = redis;

    public static async Task<DirectKeys> OpenAsync(IKubernetes client, string @namespace, string cluster, CancellationToken cancel)
    {
        var secret = await client.CoreV1.ReadNamespacedSecretAsync($"{cluster}-auth", @namespace, cancellationToken: cancel);
        var options = new ConfigurationOptions
        {
            ClientName = "demo",
            Password = Encoding.UTF8.GetString(secret.Data["password"]),
            AbortOnConnectFail = false,
            ConnectTimeout = 2000,
            AsyncTimeout = 2000,
            BacklogPolicy = BacklogPolicy.FailFast,
            // How often it asks who owns which slot. The default of 60 s suits clusters in which nobody kills masters.
            ConfigCheckSeconds = 1,
        };
        foreach (var address in await PodAddresses.OfAsync(client, @namespace, cluster, cancel))
            options.EndPoints.Add(IPAddress.Parse(address), 6379);
        return new DirectKeys(await ConnectionMultiplexer.ConnectAsync(options));
    }

    /// <inheritdoc/>
    public async Task<int> WriteAsync(int count, CancellationToken cancel)
    {
        var database = _redis.GetDatabase();
        var written = await Task.WhenAll(Enumerable.Range(0, count).Select(i => database.StringSetAsync(Key(i), Value(i))));
        // Replication is asynchronous: what is claimed below is about keys that had reached a replica.
        foreach (var server in _redis.GetServers().Where(s => s is { IsConnected: true, IsReplica: false }))
            await server.ExecuteAsync("WAIT", 1, 1000);
        return written.Count(w => w);
    }

    /// <inheritdoc/>
    public async Task<int> ReadAsync(int count, CancellationToken cancel)
    {
        var database = _redis.GetDatabase();
        var read = await Task.WhenAll(Enumerable.Range(0, count).Select(i => TryGetAsync(database, i)));
        return read.Select((value, i) => value == Value(i)).Count(same => same);
    }

    /// <inheritdoc/>
    public async Task<bool> TryWriteAsync(string key, CancellationToken cancel)
    {
        try
        {
            return await _redis.GetDatabase().StringSetAsync(key, "1");
        }
        catch (RedisException)
        {
            return false;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private static async Task<string?> TryGetAsync(IDatabase database, int i)
    {
        try
        {
            return await database.StringGetAsync(Key(i));
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return null;
        }
    }

    private static string Key(int i) => string.Create(CultureInfo.InvariantCulture, $"demo:{i}");

    private static string Value(int i) => string.Create(CultureInfo.InvariantCulture, $"value {i}");
}
