using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Topology;

/// <summary>A server that takes an address of another one's, or another one's data at a new address: what the harness' servers, which keep theirs, can not play.</summary>
internal sealed class SpareServer : IAsyncDisposable
{
    private readonly TestDirectory _directory = TestDirectory.Create("spare");
    private readonly IPEndPoint _endPoint;
    private ManagedProcess? _process;

    private SpareServer(IPEndPoint endPoint) => _endPoint = endPoint;

    public string EndPoint => _endPoint.ToString();

    /// <param name="endPoint">Its address.</param>
    /// <param name="nodes">The text of its nodes.conf: who it is, and what it believes; null for an empty cluster of one.</param>
    /// <param name="arguments">Further arguments of the server.</param>
    public static async Task<SpareServer> StartAsync(IPEndPoint endPoint, string? nodes, params string[] arguments)
    {
        var spare = new SpareServer(endPoint);
        if (nodes is not null)
            await File.WriteAllTextAsync(spare._directory["nodes.conf"], nodes);
        string[] own = ["--bind", endPoint.Address.ToString(), "--port", endPoint.Port.ToString(CultureInfo.InvariantCulture), "--dir", spare._directory.FullPath, "--save", "", "--cluster-enabled", "yes"];
        spare._process = ManagedProcess.Start(RedisProcess.FindBinary(), [.. own, .. arguments], spare._directory["log"]);
        await Eventually.ThatAsync(() => spare.ExecuteAsync("PING"), answer => answer.StartsWith("+PONG", StringComparison.Ordinal), TopologyUnderTest.Limit, describe: a => a + spare._process.LogTail());
        return spare;
    }

    /// <summary>Sends an inline command and returns the beginning of the reply.</summary>
    public async Task<string> ExecuteAsync(string command)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_endPoint, limit.Token);
        await socket.SendAsync(Encoding.ASCII.GetBytes(command + "\r\n"), limit.Token);
        var buffer = new byte[16384];
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, limit.Token));
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _directory.Dispose();
    }
}
