using System.Net;
using System.Text;
using RedisTopology.Sidecar.Topology.Control;
using RedisTopology.Sidecar.Topology.Views;

namespace RedisTopology.Sidecar.Tests.Topology;

/// <summary>What servers answer, by hand.</summary>
internal static class Texts
{
    public static readonly IPAddress Here = IPAddress.Parse("10.0.0.9");

    public static string Info(long epoch, string state = "ok") => $"cluster_state:{state}\r\ncluster_slots_assigned:16384\r\ncluster_current_epoch:{epoch}\r\ncluster_my_epoch:1\r\n";

    /// <summary>A view out of lines like "a master - 3 0-100": id, flags, master, epoch, slots; the id is also the last number of the address.</summary>
    public static ClusterView View(string me, long epoch, string[] nodes, string state = "ok", int others = 0)
    {
        var lines = nodes.Select(n =>
        {
            var f = n.Split(' ');
            var flags = f[0] == me ? $"myself,{f[1]}" : f[1];
            return $"{f[0]} 10.0.0.{others + f[0][0]}:6379@16379 {flags} {f[2]} 0 0 {f[3]} connected {string.Join(' ', f.Skip(4))}".TrimEnd();
        });
        return ClusterViewParser.Parse(Info(epoch, state), string.Join('\n', lines) + "\n", new Dictionary<string, AnnouncedEndpoint>(), Here);
    }

    /// <summary>RESP2 of nested arrays (<c>object[]</c>), strings, numbers and null.</summary>
    public static ControlReply Reply(object? value)
    {
        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(Resp(value));
        return ControlReply.Read(ref bytes);
    }

    public static string Resp(object? value) => value switch
    {
        null => "$-1\r\n",
        string text => $"${Encoding.UTF8.GetByteCount(text)}\r\n{text}\r\n",
        int number => $":{number}\r\n",
        object?[] items => $"*{items.Length}\r\n{string.Concat(items.Select(Resp))}",
        _ => throw new ArgumentException($"{value}", nameof(value)),
    };
}
