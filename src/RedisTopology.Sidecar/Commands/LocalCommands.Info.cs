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

    /// <summary>The settings that are the sidecar's own, in place of the servers': what clients look at when they connect.</summary>
    /// <returns>Values by name.</returns>
    public IReadOnlyDictionary<string, string> OwnSettings()
    {
        var now = facts();
        return new OrderedDictionary<string, string>
        {
            ["databases"] = "1",
            ["maxclients"] = now.MaxClients.ToString(CultureInfo.InvariantCulture),
            ["port"] = now.Port.ToString(CultureInfo.InvariantCulture),
            ["timeout"] = "0",
            ["cluster-enabled"] = "no",
            ["replica-read-only"] = "yes",
            ["slave-read-only"] = "yes",
            ["proto-max-bulk-len"] = "536870912",
        };
    }

    // False when the servers are to be asked.
    private bool ConfigGet(in Arguments request, ReplyWriter writer)
    {
        var settings = OwnSettings();
        var found = new OrderedDictionary<string, string>();
        for (var i = 2; i < request.Count; i++)
        {
            var pattern = Text.GetString(request[i]);
            if (ServerSettings.MayBeShown(pattern))
                return false;
            var isPattern = pattern.AsSpan().ContainsAny('*', '?');
            // As a server: a name that is asked for as such comes back as it was written.
            foreach (var (name, value) in settings.Where(s => FileSystemName.MatchesSimpleExpression(pattern, s.Key, ignoreCase: true)))
                found[isPattern ? name : pattern] = value;
        }

        WriteSettings(found, writer);
        return true;
    }

    /// <summary>The reply to CONFIG GET.</summary>
    /// <param name="settings">Values by name.</param>
    /// <param name="writer">Receives it.</param>
    internal static void WriteSettings(OrderedDictionary<string, string> settings, ReplyWriter writer)
    {
        writer.Map(settings.Count);
        foreach (var (name, value) in settings)
        {
            writer.Bulk(Text.GetBytes(name));
            writer.Bulk(Text.GetBytes(value));
        }
    }
}
