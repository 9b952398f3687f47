using System.Globalization;
using System.Text;

namespace RedisTopology.Sidecar.Commands;

/// <summary>
/// The settings of the servers that CONFIG GET tells of, as those of one server. They say how data are kept and dropped and what is told of them, which applications look at; what concerns
/// the servers themselves, passwords and files among it, is their operator's.
/// </summary>
internal static class ServerSettings
{
    private const string MaxMemory = "maxmemory";
    private const string Notices = "notify-keyspace-events";

    // All that begin so.
    private static readonly string[] s_shown =
    [
        "active", "appendfsync", "appendonly", "busy-reply-threshold", "client-query-buffer-limit", "commandlog-", "hash-", "hll-", "latency-", "lazyfree-", "lfu-", "list-", "lua-time-limit",
        MaxMemory, Notices, "save", "set-max-", "slowlog-", "stream-", "tcp-keepalive", "tracking-", "zset-",
    ];

    // What one letter of notify-keyspace-events stands for.
    private const string AllNotices = "g$lshzxetd";

    /// <summary>Whether applications may see a setting.</summary>
    /// <param name="name">Its name, in any case.</param>
    /// <returns>True when they may.</returns>
    public static bool IsShown(string name) => s_shown.Any(s => name.StartsWith(s, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a pattern of CONFIG GET may match one of them.</summary>
    /// <param name="pattern">The pattern, or a name.</param>
    /// <returns>False when the servers need not be asked.</returns>
    public static bool MayBeShown(string pattern)
    {
        var literal = pattern.AsSpan();
        if (literal.IndexOfAny("*?[\\") is >= 0 and var at)
            literal = literal[..at];
        foreach (var shown in s_shown)
        {
            var length = Math.Min(literal.Length, shown.Length);
            if ((length == shown.Length || literal.Length < pattern.Length) && literal[..length].Equals(shown.AsSpan(0, length), StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>Makes one list of those of all masters: memory is added up, and what they do not agree about is left out, as nothing is true of it.</summary>
    /// <param name="replies">What masters answered to CONFIG GET: no errors.</param>
    /// <param name="own">The sidecar's own settings by name, which replace the servers'.</param>
    /// <returns>Names, as the servers gave them, and values.</returns>
    public static OrderedDictionary<string, string> Merged(IEnumerable<ReadOnlyMemory<byte>> replies, IReadOnlyDictionary<string, string> own)
    {
        var lists = replies.Select(r => Read(r.Span)).ToArray();
        var merged = new OrderedDictionary<string, string>();
        foreach (var name in lists[0].Keys)
        {
            if (own.TryGetValue(name.ToLowerInvariant(), out var value))
                merged[name] = value;
            else if (IsShown(name) && lists.All(l => l.ContainsKey(name)) && One(name, [.. lists.Select(l => l[name])]) is { } agreed)
                merged[name] = agreed;
        }

        return merged;
    }

    /// <summary>Whether a setting is what somebody wants it to be: such a CONFIG SET has nothing to do. Of notices of keys there may be more than are asked for.</summary>
    /// <param name="name">Its name, in any case.</param>
    /// <param name="value">What it is.</param>
    /// <param name="wanted">What it is to be.</param>
    /// <returns>True when nothing is missing.</returns>
    public static bool Holds(string name, string value, string wanted)
    {
        if (name.Equals(Notices, StringComparison.OrdinalIgnoreCase) && wanted.Length > 0)
            return Spelled(wanted).All(Spelled(value).Contains);
        return value.Equals(wanted, StringComparison.OrdinalIgnoreCase) || (TryBytes(value, out var a) && TryBytes(wanted, out var b) && a == b);
    }

    private static string Spelled(string notices) => notices.Replace("A", AllNotices, StringComparison.Ordinal);

    private static string? One(string name, string[] values)
    {
        if (name.Equals(MaxMemory, StringComparison.OrdinalIgnoreCase) && !values.Contains("0") && values.All(v => TryBytes(v, out _)))
            return values.Sum(v => TryBytes(v, out var bytes) ? bytes : 0).ToString(CultureInfo.InvariantCulture);
        return values.All(v => v == values[0]) ? values[0] : null;
    }

    // 100mb, 1g: what redis.conf takes as well as CONFIG SET.
    private static bool TryBytes(string text, out long bytes)
    {
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        long unit = text[digits..].ToLowerInvariant() switch
        {
            "" or "b" => 1,
            "k" => 1000,
            "kb" => 1 << 10,
            "m" => 1_000_000,
            "mb" => 1 << 20,
            "g" => 1_000_000_000,
            "gb" => 1 << 30,
            _ => 0,
        };
        bytes = 0;
        if (unit == 0 || !long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > long.MaxValue / unit)
            return false;
        bytes = number * unit;
        return true;
    }

    private static OrderedDictionary<string, string> Read(ReadOnlySpan<byte> reply)
    {
        var settings = new OrderedDictionary<string, string>();
        var (type, count, at) = ReplyScan.Header(reply);
        for (var pairs = type == '%' ? count : count / 2; pairs > 0; pairs--)
        {
            var nameLength = ReplyScan.Length(reply[at..]);
            var name = Encoding.Latin1.GetString(ReplyScan.Content(reply[at..]));
            at += nameLength;
            settings[name] = Encoding.Latin1.GetString(ReplyScan.Content(reply[at..]));
            at += ReplyScan.Length(reply[at..]);
        }

        return settings;
    }
}
