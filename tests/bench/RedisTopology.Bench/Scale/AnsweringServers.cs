using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Manifests;

namespace RedisTopology.Bench.Scale;

/// <summary>
/// One listener that acts the Redis server of every simulated pod: the address a connection was made to tells which. It answers what an operator asks of a
/// settled cluster; anything else is an error.
/// </summary>
internal sealed class AnsweringServers : IAsyncDisposable
{
    private readonly PodAddressBook _pods;
    private readonly Dictionary<string, SlotSet> _slots;

    /// <summary>The one setting that is given after the start, by address: an operator whose server did not keep it would give it at every look.</summary>
    private readonly ConcurrentDictionary<string, string> _maxMemory = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener = new(IPAddress.Any, StatefulSetManifest.RedisPort);
    private readonly Task _accepting;
    private long _commands;
    private int _connections;

    public AnsweringServers(PodAddressBook pods, int shards)
    {
        _pods = pods;
        _slots = DesiredTopology.EvenSplit(shards).ToDictionary(s => s.Name, s => s.Slots);
        _listener.Start(backlog: 4096);
        _accepting = AcceptAsync();
    }

    public long Commands => Interlocked.Read(ref _commands);

    public int Connections => _connections;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptSocketAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        Interlocked.Increment(ref _connections);
        try
        {
            using var stream = new NetworkStream(socket, ownsSocket: true);
            using var reader = new StreamReader(stream, Encoding.Latin1, bufferSize: 128);
            var address = ((IPEndPoint)socket.LocalEndPoint!).Address;
            var password = "";
            while (await ReadCommandAsync(reader) is { } command)
            {
                Interlocked.Increment(ref _commands);
                password = command[0].Equals("AUTH", StringComparison.OrdinalIgnoreCase) ? command[^1] : password;
                await stream.WriteAsync(Encoding.Latin1.GetBytes(Answer(command, password, await _pods.FindAsync(address, _stop.Token))), _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client went away, or the benchmark is over.
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    private async Task<string[]?> ReadCommandAsync(StreamReader reader)
    {
        if (await reader.ReadLineAsync(_stop.Token) is not { Length: > 0 } head)
            return null;
        var parts = new string[int.Parse(head.AsSpan(1), CultureInfo.InvariantCulture)];
        for (var i = 0; i < parts.Length; i++)
        {
            var length = int.Parse((await reader.ReadLineAsync(_stop.Token)).AsSpan(1), CultureInfo.InvariantCulture);
            var text = new char[length + 2];
            await reader.ReadBlockAsync(text, _stop.Token);
            parts[i] = new string(text, 0, length);
        }

        return parts;
    }

    /// <param name="command">What is asked.</param>
    /// <param name="password">What the connection was authenticated with: it is the one the server accepts, and gives its master.</param>
    /// <param name="node">Who is asked.</param>
    private string Answer(string[] command, string password, SimulatedNode node)
    {
        var name = command[0].ToUpperInvariant();
        return (name, command.Length > 1 ? command[1].ToUpperInvariant() : "") switch
        {
            ("AUTH", _) or ("CLIENT", "SETNAME" or "SETINFO") or ("SELECT", _) => "+OK\r\n",
            ("PING", _) => "+PONG\r\n",
            ("ECHO", _) => Bulk(command[1]),
            ("CONFIG", "SET") => Set(node, command[2], command[3]),
            ("CONFIG", _) => $"*2\r\n{Bulk("masterauth")}{Bulk(password)}",
            ("ACL", "GETUSER") => $"*2\r\n{Bulk("passwords")}*1\r\n{Bulk(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password))))}",
            ("CLUSTER", "NODES") => Bulk(ClusterNodes(node)),
            ("CLUSTER", "INFO") => Bulk("cluster_state:ok\r\ncluster_current_epoch:9\r\n"),
            ("CLUSTER", "MYID") => Bulk(node.Id),
            ("INFO", _) => Bulk(Info(node)),
            _ => $"-ERR unknown command '{name}'\r\n",
        };
    }

    private string Set(SimulatedNode node, string name, string value)
    {
        if (name != "maxmemory")
            return $"-ERR unknown setting '{name}'\r\n";
        _maxMemory[node.Address] = value;
        return "+OK\r\n";
    }

    private string ClusterNodes(SimulatedNode self) => string.Concat(_pods.ClusterOf(self).Select(n =>
    {
        var flags = (n == self ? "myself," : "") + (n.IsMaster ? "master" : "slave");
        var slots = n.IsMaster ? " " + string.Join(' ', _slots[n.Shard].Ranges) : "";
        return $"{n.Id} {n.Address}:6379@16379,{n.Hostname} {flags} {(n.IsMaster ? "-" : n.MasterId)} 0 0 {int.Parse(n.Shard.AsSpan(1), CultureInfo.InvariantCulture) + 1} connected{slots}\n";
    }));

    /// <summary>As long as a real reply (some 5 KB), since parsing it is part of the cost.</summary>
    private string Info(SimulatedNode node)
    {
        var text = new StringBuilder("# Server\r\nredis_version:7.0.15\r\nredis_mode:cluster\r\nloading:0\r\nused_memory:2000000\r\n");
        text.Append(CultureInfo.InvariantCulture, $"maxmemory:{_maxMemory.GetValueOrDefault(node.Address, "0")}\r\n");
        if (node.IsMaster)
            text.Append("role:master\r\n");
        else
            text.Append(CultureInfo.InvariantCulture, $"role:slave\r\nmaster_host:{_pods.ClusterOf(node).FirstOrDefault(n => n.Pod == node.MasterPod)?.Address}\r\nmaster_link_status:up\r\nslave_repl_offset:1000\r\n");
        text.Append("master_repl_offset:1000\r\n");
        for (var i = 0; i < 160; i++)
            text.Append(CultureInfo.InvariantCulture, $"a_further_field_of_info_{i}:{i * 1000}\r\n");
        return text.Append("# Keyspace\r\ndb0:keys=10,expires=0,avg_ttl=0\r\n").ToString();
    }

    private static string Bulk(string text) => string.Create(CultureInfo.InvariantCulture, $"${text.Length}\r\n{text}\r\n");
}
