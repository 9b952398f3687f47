using System.Globalization;
using System.Net;

namespace RedisTopology.Testing;

/// <summary>A cluster of real servers on loopback: masters with even shares of the slots, each with as many replicas.</summary>
public sealed class LocalCluster : IAsyncDisposable
{
    private const int Slots = 16384;
    private static readonly TimeSpan FormTimeout = TimeSpan.FromSeconds(60);
    private readonly List<RedisProcess> _nodes = [];
    private readonly int _masters;

    private LocalCluster(int masters) => _masters = masters;

    /// <summary>The masters it began with, in the order of their slots.</summary>
    public IReadOnlyList<RedisProcess> Masters => _nodes[.._masters];

    /// <summary>The replicas it began with: those of the first master, then those of the second...</summary>
    public IReadOnlyList<RedisProcess> Replicas => _nodes[_masters..];

    /// <summary>All servers, masters first.</summary>
    public IReadOnlyList<RedisProcess> Nodes => _nodes;

    /// <summary>"host:port" of every server, separated by commas.</summary>
    public string Seeds => string.Join(',', _nodes.Select(n => n.Endpoint));

    /// <summary>As <see cref="Seeds"/>, the ports for TLS.</summary>
    public string TlsSeeds => string.Join(',', _nodes.Select(n => $"{n.Address}:{n.TlsPort}"));

    /// <summary>Starts the servers and waits until all of them know the cluster and every replica follows.</summary>
    /// <param name="masters">How many shards.</param>
    /// <param name="replicas">Replicas of each master. Default 0.</param>
    /// <param name="options">Of every server; <see cref="RedisProcessOptions.Cluster"/> is implied. Its lines of configuration win over the cluster's own.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<LocalCluster> StartAsync(int masters, int replicas = 0, RedisProcessOptions? options = null, CancellationToken ct = default)
    {
        var cluster = new LocalCluster(masters);
        try
        {
            for (var i = 0; i < masters * (1 + replicas); i++)
                cluster._nodes.Add(await RedisProcess.StartAsync(NodeOptions(options, i), ct));
            await cluster.FormAsync(replicas, ct);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }

    private static RedisProcessOptions NodeOptions(RedisProcessOptions? options, int index)
    {
        var node = new RedisProcessOptions { Cluster = true, Password = options?.Password, Tls = options?.Tls };
        if (options is not null)
            node.Binary = options.Binary;
        if (options?.Address is { } first)
            node.Address = Next(first, index);
        foreach (var line in (IEnumerable<string>)["cluster-node-timeout 5000", "cluster-allow-replica-migration no", "repl-diskless-sync-delay 0", .. options?.Config ?? []])
            node.Config.Add(line);
        return node;
    }

    private static IPAddress Next(IPAddress first, int by)
    {
        var bytes = first.GetAddressBytes();
        bytes[^1] += (byte)by;
        return new IPAddress(bytes);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task FormAsync(int replicas, CancellationToken ct)
    {
        // Each its own from the start, or they settle for seconds who has which.
        for (var i = 0; i < _masters; i++)
            await _nodes[i].ExecuteAsync("CLUSTER", "SET-CONFIG-EPOCH", Text(i + 1));
        for (var i = 1; i < _nodes.Count; i++)
            await _nodes[0].ExecuteAsync("CLUSTER", "MEET", _nodes[i].Address.ToString(), Text(_nodes[i].TlsPort ?? _nodes[i].Port));
        for (var i = 0; i < _masters; i++)
            await _nodes[i].ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", Text(i * Slots / _masters), Text(((i + 1) * Slots / _masters) - 1));
        for (var i = 0; i < _masters * replicas; i++)
        {
            var master = (string)(await _nodes[i / replicas].ExecuteAsync("CLUSTER", "MYID"))!;
            var replica = _nodes[_masters + i];
            await Eventually.ThatAsync(async () => (string)(await replica.ExecuteAsync("CLUSTER", "NODES"))!, text => text.Contains($"{master} 127.", StringComparison.Ordinal), FormTimeout, ct: ct);
            await replica.ExecuteAsync("CLUSTER", "REPLICATE", master);
        }

        foreach (var node in _nodes)
        {
            await Eventually.ThatAsync(
                async () => $"{await node.ExecuteAsync("CLUSTER", "INFO")}\n{await node.ExecuteAsync("INFO", "replication")}\n{await node.ExecuteAsync("CLUSTER", "NODES")}",
                text => text.Contains("cluster_state:ok", StringComparison.Ordinal)
                    && text.Contains($"cluster_known_nodes:{Text(_nodes.Count)}", StringComparison.Ordinal)
                    && !text.Contains("master_link_status:down", StringComparison.Ordinal)
                    && text.Split("slave ").Length == (_masters * replicas) + 1,
                FormTimeout,
                ct: ct);
        }
    }
}
