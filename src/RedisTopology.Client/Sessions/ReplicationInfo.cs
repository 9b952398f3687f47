using System.Globalization;

namespace RedisTopology.Client;

/// <summary>What a server says of its replication (INFO replication).</summary>
/// <param name="Master">"host:port" of its master; null when it is one.</param>
/// <param name="Offset">How far it is.</param>
internal readonly record struct ReplicationInfo(string? Master, long Offset)
{
    public static ReplicationInfo? Parse(string text)
    {
        string? host = null, port = null, role = null;
        long? written = null, received = null;
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                continue;
            var value = line[(colon + 1)..];
            switch (line[..colon])
            {
                case "role": role = value; break;
                case "master_host": host = value; break;
                case "master_port": port = value; break;
                case "master_repl_offset": written = Number(value); break;
                case "slave_repl_offset": received = Number(value); break;
                default: break;
            }
        }

        return role switch
        {
            "master" when written is { } offset => new(null, offset),
            "slave" when received is { } offset => new($"{host}:{port}", offset),
            _ => null,
        };
    }

    private static long? Number(string text) => long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;
}
