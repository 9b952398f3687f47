using System.Globalization;
using System.Text;

namespace RedisTopology.Sidecar.Commands;

/// <summary>Makes one INFO of those of all masters: amounts are added, what can not be added is that of the first server.</summary>
public static class InfoMerger
{
    // Numbers of a server that are an amount, and so can be added. Everything else - ratios, times, settings - is not.
    private static readonly HashSet<string> Amounts =
    [
        "used_memory", "used_memory_rss", "used_memory_peak", "used_memory_overhead", "used_memory_dataset", "used_memory_lua", "used_memory_vm_eval", "used_memory_scripts",
        "used_memory_functions", "total_system_memory", "maxmemory", "mem_clients_normal", "mem_clients_slaves", "mem_aof_buffer", "mem_replication_backlog",
        "total_connections_received", "total_commands_processed", "instantaneous_ops_per_sec", "total_net_input_bytes", "total_net_output_bytes", "instantaneous_input_kbps",
        "instantaneous_output_kbps", "rejected_connections", "expired_keys", "expired_subkeys", "evicted_keys", "evicted_clients", "keyspace_hits", "keyspace_misses",
        "pubsub_channels", "pubsub_patterns", "pubsubshard_channels", "total_error_replies", "unexpected_error_replies", "total_reads_processed", "total_writes_processed",
        "rdb_changes_since_last_save", "used_cpu_sys", "used_cpu_user", "used_cpu_sys_children", "used_cpu_user_children", "lazyfree_pending_objects", "lazyfreed_objects",
        "active_defrag_hits", "active_defrag_misses", "tracking_clients", "loading",
    ];

    // Every server has the same ones, or some of them.
    private static readonly HashSet<string> Copies = ["number_of_cached_scripts", "number_of_functions", "number_of_libraries"];

    /// <summary>Merges the replies to one INFO. Errors are left out; when there is nothing else, the sidecar's own sections are all there is.</summary>
    /// <param name="replies">Whole replies, one per master.</param>
    /// <param name="own">What <see cref="LocalCommands.InfoSections"/> gave: its sections replace those of the same name, and are not added where the servers were not asked for them.</param>
    /// <param name="writer">Receives the merged text.</param>
    public static void Write(ReadOnlySpan<ReadOnlyMemory<byte>> replies, string own, ReplyWriter writer)
    {
        var merged = new OrderedDictionary<string, OrderedDictionary<string, string>>(StringComparer.Ordinal);
        var answered = false;
        foreach (var reply in replies)
        {
            if (ReplyMerger.IsError(reply.Span))
                continue;
            answered = true;
            foreach (var (section, fields) in Parse(Encoding.Latin1.GetString(ReplyScan.Content(reply.Span))))
            {
                if (!merged.TryGetValue(section, out var into))
                    merged.Add(section, into = []);
                foreach (var (name, value) in fields)
                    into[name] = into.TryGetValue(name, out var before) ? Add(section, name, before, value) : value;
            }
        }

        foreach (var (section, fields) in Parse(own))
        {
            if (!answered || merged.ContainsKey(section))
                merged[section] = fields;
        }

        var text = new StringBuilder();
        foreach (var (section, fields) in merged)
        {
            text.Append(text.Length == 0 ? "" : "\r\n").Append("# ").Append(section).Append("\r\n");
            foreach (var (name, value) in fields)
                text.Append(name).Append(':').Append(name.EndsWith("_human", StringComparison.Ordinal) ? Human(fields, name, value) : value).Append("\r\n");
        }

        writer.Verbatim(text.ToString());
    }

    private static OrderedDictionary<string, OrderedDictionary<string, string>> Parse(string text)
    {
        var sections = new OrderedDictionary<string, OrderedDictionary<string, string>>(StringComparer.Ordinal);
        OrderedDictionary<string, string>? fields = null;
        foreach (var line in text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# ", StringComparison.Ordinal))
            {
                if (!sections.TryGetValue(line[2..], out fields))
                    sections.Add(line[2..], fields = []);
            }
            else if (fields is not null && line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                fields[line[..colon]] = line[(colon + 1)..];
            }
        }

        return sections;
    }

    private static string Add(string section, string name, string left, string right)
    {
        if (section is "Keyspace" or "Commandstats" or "Errorstats" && left.Contains('=', StringComparison.Ordinal))
            return AddMembers(left, right);
        if (!TryNumber(left, out var a) || !TryNumber(right, out var b))
            return left;
        return Amounts.Contains(name) ? Plain(a + b) : Copies.Contains(name) ? Plain(Math.Max(a, b)) : left;
    }

    // calls=3,usec=12,usec_per_call=4.00: amounts are added, averages weighted by what they are the average of.
    private static string AddMembers(string left, string right)
    {
        var (a, b) = (Members(left), Members(right));
        foreach (var (name, value) in b)
        {
            if (a.TryGetValue(name, out var before))
                a[name] = name.StartsWith("avg_", StringComparison.Ordinal) ? Weighted(before, a.GetValueOrDefault("expires.old"), value, b.GetValueOrDefault("expires")) : before + value;
            else
                a[name] = value;
            if (name == "expires")
                a["expires.old"] = before;
        }

        a.Remove("expires.old");
        if (a.ContainsKey("usec_per_call"))
            a["usec_per_call"] = a.GetValueOrDefault("calls") == 0 ? 0 : a["usec"] / a["calls"];
        return string.Join(',', a.Select(m => $"{m.Key}={(m.Key == "usec_per_call" ? m.Value.ToString("F2", CultureInfo.InvariantCulture) : Plain(m.Value))}"));
    }

    private static decimal Weighted(decimal left, decimal leftWeight, decimal right, decimal rightWeight) =>
        leftWeight + rightWeight == 0 ? 0 : Math.Round(((left * leftWeight) + (right * rightWeight)) / (leftWeight + rightWeight));

    private static OrderedDictionary<string, decimal> Members(string text)
    {
        var members = new OrderedDictionary<string, decimal>();
        foreach (var member in text.Split(','))
        {
            var equals = member.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && TryNumber(member[(equals + 1)..], out var value))
                members[member[..equals]] = value;
        }

        return members;
    }

    // used_memory_human belongs to used_memory; in the units and with the two decimals of a server.
    private static string Human(OrderedDictionary<string, string> fields, string name, string value)
    {
        if (!fields.TryGetValue(name[..^"_human".Length], out var plain) || !TryNumber(plain, out var bytes))
            return value;
        string[] units = ["B", "K", "M", "G", "T", "P"];
        var unit = 0;
        for (; bytes >= 1024 && unit < units.Length - 1; unit++)
            bytes /= 1024;
        return unit == 0 ? $"{Plain(bytes)}B" : bytes.ToString("F2", CultureInfo.InvariantCulture) + units[unit];
    }

    private static bool TryNumber(string text, out decimal value) => decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);

    private static string Plain(decimal value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
