using System.Globalization;
using System.Net;
using System.Text;

namespace RedisTopology.Sidecar.Configuration;

/// <summary>The ways in which values are written.</summary>
internal static class OptionTypes
{
    /// <summary>The longest path of a Unix socket: <c>sun_path</c> without the final zero.</summary>
    private const int MaxSocketPath = 107;

    private static readonly (string Unit, long Bytes)[] SizeUnits = [("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("k", 1_000), ("M", 1_000_000), ("G", 1_000_000_000)];
    private static readonly (string Unit, double Milliseconds)[] DurationUnits = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

    public static OptionType<IPEndPoint> EndPoint { get; } = new("address:port", One(ParseEndPoint), e => e.ToString());

    public static OptionType<string?> Text { get; } = new("text", One<string?>(t => t), v => v ?? "none");

    public static OptionType<string?> Path { get; } = new("path", One<string?>(ParsePath), v => v ?? "none");

    public static OptionType<string?> SocketPath { get; } = new(
        "path",
        One<string?>(t => Encoding.UTF8.GetByteCount(ParsePath(t)) <= MaxSocketPath ? t : throw new FormatException($"\"{t}\" is longer than the {MaxSocketPath} bytes a Unix socket's path may have; choose a shorter one")),
        v => v ?? "none");

    public static OptionType<IReadOnlyList<string>> Servers { get; } = new("list of host:port", texts => [.. texts.Select(ParseServer).Distinct(StringComparer.Ordinal)], List);

    public static OptionType<IReadOnlyList<string>> Texts { get; } = new("list of texts", texts => texts, List);

    public static OptionType<IReadOnlySet<string>> Commands { get; } = new(
        "list of commands", texts => texts.Select(ParseCommand).ToHashSet(StringComparer.Ordinal), v => List([.. v.Order(StringComparer.Ordinal)]));

    public static OptionType<TimeSpan> Duration(TimeSpan minimum, TimeSpan maximum) => new("duration", One(t => ParseDuration(t, minimum, maximum)), Show);

    public static OptionType<long> Size(long minimum, long maximum) => new("size", One(t => ParseSize(t, minimum, maximum)), ShowSize);

    public static OptionType<int> Count(int minimum, int maximum) => new(
        "number",
        One(t => int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= minimum && value <= maximum
            ? value
            : throw new FormatException($"\"{t}\" is not a number from {minimum} to {maximum}")),
        v => v.ToString(CultureInfo.InvariantCulture));

    public static OptionType<long> Number(long minimum, long maximum) => new(
        "number",
        One(t => long.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= minimum && value <= maximum
            ? value
            : throw new FormatException($"\"{t}\" is not a number from {minimum} to {maximum}")),
        v => v.ToString(CultureInfo.InvariantCulture));

    public static OptionType<T> Choice<T>()
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>();
        return new(
            string.Join(" \\| ", names),
            One(t => names.FirstOrDefault(n => n.Equals(t, StringComparison.OrdinalIgnoreCase)) is { } name
                ? Enum.Parse<T>(name)
                : throw new FormatException($"\"{t}\" is none of {string.Join(", ", names)}{Nearest.Hint(t, names)}")),
            v => v.ToString());
    }

    /// <summary>A duration as a person would write it.</summary>
    /// <param name="value">The duration.</param>
    /// <returns>In the largest unit that needs no fraction.</returns>
    public static string Show(TimeSpan value)
    {
        foreach (var (unit, milliseconds) in DurationUnits.Reverse())
        {
            if (value != TimeSpan.Zero && value.TotalMilliseconds % milliseconds == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds / milliseconds}{unit}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds}s");
    }

    private static Func<IReadOnlyList<string>, T> One<T>(Func<string, T> parse) => texts => texts.Count == 1
        ? parse(texts[0])
        : throw new FormatException("takes one value, not a list; write it without brackets or dashes");

    private static IPEndPoint ParseEndPoint(string text)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon];
        if (int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort)
        {
            // An IPv6 address without brackets would have its last group taken for the port.
            if (host is "*" or "0.0.0.0")
                return new(IPAddress.Any, port);
            if (host is "localhost" or "")
                return new(IPAddress.Loopback, port);
            if ((host[0] == '[' || !host.Contains(':', StringComparison.Ordinal)) && IPAddress.TryParse(host, out var address))
                return new(address, port);
        }

        throw new FormatException($"\"{text}\" is not an address and a port; write for example 127.0.0.1:6379, [::1]:6379 or *:6379");
    }

    private static string ParsePath(string text) => System.IO.Path.IsPathRooted(text) ? text : throw new FormatException($"\"{text}\" is not an absolute path; write for example /run/{System.IO.Path.GetFileName(text)}");

    private static string ParseServer(string text)
    {
        var colon = text.LastIndexOf(':');
        var host = colon > 0 && (text[0] != '[' || text[colon - 1] == ']') ? text[..colon] : text;
        var port = host.Length == text.Length ? "6379" : text[(colon + 1)..];
        var isName = Uri.CheckHostName(host.Trim('[', ']')) is not UriHostNameType.Unknown && !(host.Contains(':', StringComparison.Ordinal) && host[0] != '[');
        return isName && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= IPEndPoint.MaxPort
            ? $"{host}:{port}"
            : throw new FormatException($"\"{text}\" is not a server; write host:port, for example blog-cache-nodes:6379 or 10.0.0.7:6379");
    }

    private static string ParseCommand(string text)
    {
        var words = text.ToUpperInvariant().Split((char[])[' ', '|'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length is 1 or 2 && words.All(w => w.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            ? string.Join(' ', words)
            : throw new FormatException($"\"{text}\" is not a command; write for example KEYS or CONFIG GET");
    }

    private static TimeSpan ParseDuration(string text, TimeSpan minimum, TimeSpan maximum)
    {
        var digits = text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        var (unit, milliseconds) = DurationUnits.FirstOrDefault(u => u.Unit == text[digits..]);
        if (unit is null || !double.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            throw new FormatException($"\"{text}\" is not a duration; write a number and its unit, for example 500ms, 5s or 1m");
        var value = number * milliseconds;
        return value >= minimum.TotalMilliseconds && value <= maximum.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(value)
            : throw new FormatException($"{text} is outside {Show(minimum)} to {Show(maximum)}");
    }

    private static long ParseSize(string text, long minimum, long maximum)
    {
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        var (unit, bytes) = digits == text.Length ? ("", 1) : SizeUnits.FirstOrDefault(u => u.Unit == text[digits..]);
        if (unit is null || !long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw new FormatException($"\"{text}\" is not a size; write a number of bytes, for example 16777216, 512Ki or 16Mi");
        var value = (Int128)number * bytes;
        return value >= minimum && value <= maximum
            ? (long)value
            : throw new FormatException($"{text} is outside {ShowSize(minimum)} to {ShowSize(maximum)}");
    }

    private static string ShowSize(long value)
    {
        foreach (var (unit, bytes) in SizeUnits.Take(3).Reverse())
        {
            if (value != 0 && value % bytes == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{value / bytes}{unit}");
        }

        return value.ToString(CultureInfo.InvariantCulture);
    }

    private static string List(IReadOnlyList<string> values) => values.Count == 0 ? "none" : string.Join(", ", values);
}
