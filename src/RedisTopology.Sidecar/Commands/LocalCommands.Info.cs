using System.Globalization;
using System.IO.Enumeration;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Commands;

/// <content>INFO and CONFIG GET: what clients ask to find out what they are connected to.</content>
public sealed partial class LocalCommands
{
    private static readonly string[] LocalSections = ["server", "clients", "replication", "cluster"];
    private static readonly string RunId = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(20));
    private static readonly long StartedAt = Environment.TickCount64;

    /// <summary>
    /// The sections of INFO that are the sidecar's own, in place of the servers': it is one standalone master, whatever stands behind it.
    /// <see cref="InfoMerger"/> puts them over what the servers say.
    /// </summary>
    /// <returns>Text with "# Section" lines, line ends \r\n.</returns>
    public string InfoSections() => string.Join("\r\n", LocalSections.Select(Section));

    private bool Info(in Arguments request, ReplyWriter writer)
    {
        // The servers' own sections, and the lists of many, are theirs to tell.
        var sections = new List<string>();
        for (var i = 1; i < request.Count; i++)
        {
            var section = Text.GetString(request[i]).ToLowerInvariant();
            if (!LocalSections.Contains(section))
                return false;
            if (!sections.Contains(section))
                sections.Add(section);
        }

        if (sections.Count == 0)
            return false;
        writer.Verbatim(string.Join("\r\n", sections.Select(Section)));
        return true;
    }

    private string Section(string name)
    {
        var now = facts();
        var uptime = (Environment.TickCount64 - StartedAt) / 1000;
        string[] lines = name switch
        {
            "server" =>
            [
                "# Server",
                $"redis_version:{now.RedisVersion ?? now.Version}",
                .. now.Server == "redis" ? Array.Empty<string>() : [$"server_name:{now.Server}", $"{now.Server}_version:{now.Version}"],
                "redis_mode:standalone",
                $"os:{Environment.OSVersion.VersionString}",
                "arch_bits:64",
                $"process_id:{Environment.ProcessId}",
                $"run_id:{RunId}",
                $"tcp_port:{now.Port}",
                $"uptime_in_seconds:{uptime}",
                $"uptime_in_days:{uptime / 86_400}",
            ],
            "clients" =>
            [
                "# Clients",
                $"connected_clients:{clients.All.Count()}",
                $"maxclients:{now.MaxClients}",
                $"blocked_clients:{clients.All.Count(c => c.Blocked)}",
            ],
            "replication" =>
            [
                "# Replication",
                "role:master",
                "connected_slaves:0",
                "master_failover_state:no-failover",
                $"master_replid:{RunId}",
                "master_repl_offset:0",
            ],
            _ => ["# Cluster", "cluster_enabled:0"],
        };
        return string.Concat(lines.Select(l => l + "\r\n"));
    }

    private void ConfigGet(in Arguments request, ReplyWriter writer)
    {
        // What clients look at when they connect, and no more: the servers' own settings hold passwords.
        var now = facts();
        Setting[] settings =
        [
            new("databases", "1"),
            new("maxclients", now.MaxClients.ToString(CultureInfo.InvariantCulture)),
            new("port", now.Port.ToString(CultureInfo.InvariantCulture)),
            new("timeout", "0"),
            new("save", ""),
            new("appendonly", "no"),
            new("cluster-enabled", "no"),
            new("replica-read-only", "yes"),
            new("slave-read-only", "yes"),
            new("proto-max-bulk-len", "536870912"),
        ];
        var found = new List<Setting>();
        for (var i = 2; i < request.Count; i++)
        {
            var pattern = Text.GetString(request[i]);
            var isPattern = pattern.AsSpan().ContainsAny('*', '?');
            foreach (var setting in settings.Where(s => FileSystemName.MatchesSimpleExpression(pattern, s.Name, ignoreCase: true)))
            {
                // As a server: a name that is asked for as such comes back as it was written.
                var named = setting with { Name = isPattern ? setting.Name : pattern };
                if (!found.Contains(named))
                    found.Add(named);
            }
        }

        writer.Map(found.Count);
        foreach (var (name, value) in found)
        {
            writer.Bulk(name);
            writer.Bulk(value);
        }
    }

    private sealed record Setting(string Name, string Value);
}
