using System.Globalization;
using System.Net;
using RedisTopology.Core.Topology;

namespace RedisTopology.Sidecar.Topology.Views;

/// <summary>
/// Makes a view of what a server answers: roles, epochs and slots are in <c>CLUSTER NODES</c> alone, and where clients are to connect (which may be a name) is in
/// <c>CLUSTER SHARDS</c> or <c>CLUSTER SLOTS</c> alone. Fields nobody knows yet are passed over.
/// </summary>
internal static class ClusterViewParser
{
    // Of a line of CLUSTER NODES, before its slots.
    private const int NodeFields = 8;
    private const string Myself = "myself";

    /// <summary>Puts the answers of one server together.</summary>
    /// <param name="info">The text of <c>CLUSTER INFO</c>.</param>
    /// <param name="nodes">The text of <c>CLUSTER NODES</c>.</param>
    /// <param name="endpoints">By <see cref="AnnouncedEndpoint.OfShards"/> or <see cref="AnnouncedEndpoint.OfSlots"/>.</param>
    /// <param name="askedAt">The address that was asked.</param>
    /// <returns>The view.</returns>
    /// <exception cref="InvalidDataException">It does not say who it is, or a line is no node.</exception>
    public static ClusterView Parse(string info, string nodes, IReadOnlyDictionary<string, AnnouncedEndpoint> endpoints, IPAddress askedAt)
    {
        string? myId = null;
        var givesAway = false;
        var parsed = new List<ViewNode>();
        foreach (var (fields, flags) in Lines(nodes))
        {
            if (flags.Contains(Myself))
                (myId, givesAway) = (fields[0], Slots(fields).Leaving.Count > 0);
            if (!flags.Contains("noaddr") && !flags.Contains("handshake") && Node(fields, flags, endpoints) is { } node)
                parsed.Add(node);
        }

        return new()
        {
            MyId = myId ?? throw new InvalidDataException("CLUSTER NODES does not say who answers"),
            AskedAt = askedAt,
            StateOk = Field(info, "cluster_state") == "ok",
            CurrentEpoch = long.TryParse(Field(info, "cluster_current_epoch"), CultureInfo.InvariantCulture, out var epoch) ? epoch : 0,
            GivesAway = givesAway,
            Nodes = parsed,
        };
    }

    /// <summary>The slots in the line of the server that was asked.</summary>
    /// <param name="nodes">The text of <c>CLUSTER NODES</c>.</param>
    /// <returns>Those it owns, and those of them whose keys are going over to another server.</returns>
    /// <exception cref="InvalidDataException">A line is no node.</exception>
    public static (IReadOnlyList<SlotRange> Owned, IReadOnlyList<SlotRange> Leaving) OwnSlots(string nodes)
    {
        foreach (var (fields, flags) in Lines(nodes))
        {
            if (flags.Contains(Myself))
                return Slots(fields);
        }

        return ([], []);
    }

    /// <summary>A field of a text of "name:value" lines.</summary>
    /// <param name="info">The text.</param>
    /// <param name="name">The name.</param>
    /// <returns>The value; null when there is none.</returns>
    public static string? Field(string info, string name)
    {
        foreach (var line in info.AsSpan().EnumerateLines())
        {
            if (line.Length > name.Length && line[name.Length] == ':' && line.StartsWith(name, StringComparison.Ordinal))
                return line[(name.Length + 1)..].ToString();
        }

        return null;
    }

    private static ViewNode? Node(string[] fields, string[] flags, IReadOnlyDictionary<string, AnnouncedEndpoint> endpoints)
    {
        // ip:port@bus,name,field=value... ; an IPv6 address has colons of its own.
        var address = fields[1].Split(',');
        var at = address[0].IndexOf('@', StringComparison.Ordinal);
        var client = at < 0 ? address[0] : address[0][..at];
        var colon = client.LastIndexOf(':');
        if (colon < 0 || !int.TryParse(client[(colon + 1)..], CultureInfo.InvariantCulture, out var port))
            throw new InvalidDataException($"CLUSTER NODES has no address in \"{fields[1]}\"");
        var ip = client[..colon].Trim('[', ']');
        var announced = endpoints.GetValueOrDefault(fields[0]);
        port = announced?.Port ?? port;
        return port == 0 ? null : new()
        {
            Id = fields[0],
            Host = announced is null or { Host: "?" } ? ip : announced.Host,
            Port = port,
            Ip = ip,
            IsReplica = flags.Contains("slave") || flags.Contains("replica"),
            MasterId = fields[3] == "-" ? null : fields[3],
            Failed = flags.Contains("fail"),
            Linked = fields[7] == "connected",
            ConfigEpoch = long.TryParse(fields[6], CultureInfo.InvariantCulture, out var epoch) ? epoch : 0,
            Slots = [.. Slots(fields).Owned.Select(r => (r.First, r.Last))],
            Zone = announced?.Zone,
        };
    }

    private static IEnumerable<(string[] Fields, string[] Flags)> Lines(string nodes)
    {
        foreach (var line in nodes.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var fields = line.Split(' ');
            yield return fields.Length < NodeFields ? throw new InvalidDataException($"CLUSTER NODES has a line of {fields.Length} fields") : (fields, fields[2].Split(','));
        }
    }

    private static (List<SlotRange> Owned, List<SlotRange> Leaving) Slots(string[] fields)
    {
        var (owned, leaving) = (new List<SlotRange>(), new List<SlotRange>());
        foreach (var text in fields.Skip(NodeFields))
        {
            // A slot on its way has its owner in a range of its own besides: "[93->-id]" leaves, "[94-<-id]" comes.
            var open = text.IndexOf("->-", StringComparison.Ordinal);
            if (text.StartsWith('[') && open < 0)
                continue;
            if (!SlotRange.TryParse(open > 0 ? text[1..open] : text, out var range, out _))
                throw new InvalidDataException($"CLUSTER NODES has no slots in \"{text}\"");
            (open > 0 ? leaving : owned).Add(range);
        }

        return (owned, leaving);
    }
}
