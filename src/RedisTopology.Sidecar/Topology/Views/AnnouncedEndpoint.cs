using System.Globalization;
using RedisTopology.Sidecar.Topology.Control;

namespace RedisTopology.Sidecar.Topology.Views;

/// <summary>Where a server wants clients to connect, by its <c>cluster-preferred-endpoint-type</c>.</summary>
/// <param name="Host">A name or an address; empty: the host that was asked; "?": it should have a name and has none.</param>
/// <param name="Port">Its port.</param>
/// <param name="Zone">Its zone, when told.</param>
internal sealed record AnnouncedEndpoint(string Host, int Port, string? Zone)
{
    /// <summary>Reads the reply to <c>CLUSTER SHARDS</c> (Redis 7.0 and newer).</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="isTls">Whether the port for TLS is wanted, where a server has both.</param>
    /// <returns>Endpoints by node id.</returns>
    public static Dictionary<string, AnnouncedEndpoint> OfShards(ControlReply reply, bool isTls)
    {
        var endpoints = new Dictionary<string, AnnouncedEndpoint>();
        foreach (var shard in reply.Items ?? [])
        {
            foreach (var node in Field(shard, "nodes")?.Items ?? [])
            {
                if (Field(node, "id")?.Text is not { } id)
                    continue;
                var (wanted, other) = isTls ? ("tls-port", "port") : ("port", "tls-port");
                var port = Number(Field(node, wanted)) is > 0 and var found ? found : Number(Field(node, other));
                endpoints[id] = new(Field(node, "endpoint")?.Text ?? "", port, Zoned(Field(node, "availability-zone")));
            }
        }

        return endpoints;
    }

    /// <summary>Reads the reply to <c>CLUSTER SLOTS</c>, for servers that have no <c>CLUSTER SHARDS</c>. Servers of shards without slots are not in it.</summary>
    /// <param name="reply">The reply.</param>
    /// <returns>Endpoints by node id.</returns>
    public static Dictionary<string, AnnouncedEndpoint> OfSlots(ControlReply reply)
    {
        var endpoints = new Dictionary<string, AnnouncedEndpoint>();
        foreach (var range in reply.Items ?? [])
        {
            // first, last, then the servers: host, port, id, and since 7.0 an array of names and values.
            foreach (var node in (range.Items ?? []).Skip(2))
            {
                if (node.Items is [var host, var port, { Text: { } id }, .. var more])
                    endpoints[id] = new(host.Text ?? "", Number(port), more is [{ Items: not null } about, ..] ? Zoned(Field(about, "availability-zone")) : null);
            }
        }

        return endpoints;
    }

    private static string? Zoned(ControlReply? zone) => string.IsNullOrEmpty(zone?.Text) ? null : zone.Text;

    private static int Number(ControlReply? number) => int.TryParse(number?.Text, CultureInfo.InvariantCulture, out var value) ? value : 0;

    private static ControlReply? Field(ControlReply map, string name)
    {
        var items = map.Items ?? [];
        for (var i = 0; i + 1 < items.Length; i += 2)
        {
            if (items[i].Text == name)
                return items[i + 1];
        }

        return null;
    }
}
