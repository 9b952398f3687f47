using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RedisTopology.Core.Hashing;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Redis;
using RedisTopology.Testing;

namespace RedisTopology.Bench.Reshard;

/// <summary>Three masters on loopback, each with a third of the slots, and keys in the first slots of the first.</summary>
internal sealed class ReshardCluster : IAsyncDisposable
{
    public const string Password = "bench";

    private static readonly ResourceNames Names = new("bench");
    private readonly List<RedisProcess> _nodes = [];

    public IReadOnlyList<RedisProcess> Nodes => _nodes;

    public static async Task<ReshardCluster> StartAsync(string binary, CancellationToken cancel)
    {
        var cluster = new ReshardCluster();
        for (var i = 0; i < 3; i++)
            cluster._nodes.Add(await RedisProcess.StartAsync(new RedisProcessOptions { Binary = binary, Cluster = true, Password = Password }, cancel));
        for (var i = 0; i < 3; i++)
        {
            if (i > 0)
                await cluster._nodes[0].ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", Text(cluster._nodes[i].Port));
            await cluster._nodes[i].ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", Text(First(i)), Text(First(i + 1) - 1));
        }

        foreach (var node in cluster._nodes)
        {
            await Eventually.ThatAsync(
                async () => (string)(await node.ExecuteAsync("CLUSTER", "INFO"))!,
                info => info.Contains("cluster_state:ok", StringComparison.Ordinal) && info.Contains("cluster_known_nodes:3", StringComparison.Ordinal),
                TimeSpan.FromSeconds(30),
                ct: cancel);
        }

        return cluster;
    }

    /// <summary>A key of a slot that never moves.</summary>
    public static string StayingKey(int node) => Enumerable.Range(0, int.MaxValue).Select(Text).First(k => HashSlot.Of(k) is var slot && slot >= First(node) + 4000 && slot < First(node + 1));

    /// <summary>Fills the slots below <paramref name="slots"/>, all of them the first node's.</summary>
    public async Task FillAsync(int slots, int keys, int valueSize, CancellationToken cancel)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, _nodes[0].Port, cancel);
        await using var stream = socket.GetStream();
        var value = new string('x', valueSize);
        var request = new StringBuilder($"*2\r\n$4\r\nAUTH\r\n${Password.Length}\r\n{Password}\r\n");
        var (written, replies) = (0, 1);
        for (var i = 0; written < keys; i++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"user:{i}");
            if (HashSlot.Of(key) >= slots)
                continue;
            request.Append(CultureInfo.InvariantCulture, $"*3\r\n$3\r\nSET\r\n${key.Length}\r\n{key}\r\n${value.Length}\r\n{value}\r\n");
            replies++;
            if (++written % 1000 == 0 || written == keys)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(request.ToString()), cancel);
                await stream.ReadExactlyAsync(new byte[replies * 5], cancel);
                request.Clear();
                replies = 0;
            }
        }
    }

    public async Task<NodeRef> RefAsync(int node) => new($"bench-x-{node}", (string)(await _nodes[node].ExecuteAsync("CLUSTER", "MYID"))!, _nodes[node].Endpoint);

    public async Task<ObservedNode> LookAsync(int node)
    {
        var server = _nodes[node];
        return NodeParser.Parse(
            (string)(await server.ExecuteAsync("CLUSTER", "NODES"))!, (string)(await server.ExecuteAsync("INFO"))!, (string)(await server.ExecuteAsync("CLUSTER", "INFO"))!, Names, "bench").Node;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }

    private static int First(int node) => node * HashSlot.Count / 3;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
