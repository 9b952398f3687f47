using System.Globalization;
using System.Text;

namespace RedisTopology.Sidecar.Tests.Wire;

/// <summary>A reply of RESP2 or RESP3: its type byte, and text or items. A null of any form has neither.</summary>
public sealed record Reply(char Type, string? Text, Reply[]? Items)
{
    /// <summary>Whether it is an error.</summary>
    public bool IsError => Type is '-' or '!';

    /// <summary>Whether it is a null of either protocol.</summary>
    public bool IsNull => Text is null && Items is null;

    /// <summary>An aggregate's items.</summary>
    public Reply[] Array => Items ?? throw new InvalidOperationException($"No array: {this}");

    /// <summary>The integer it is.</summary>
    public long Number => Type == ':' ? long.Parse(Text!, CultureInfo.InvariantCulture) : throw new InvalidOperationException($"No integer: {this}");

    /// <summary>The texts of an array.</summary>
    public string[] Texts => [.. Array.Select(i => i.Text!)];

    /// <summary>Reads one reply from the start of bytes, which Latin-1 keeps as they are.</summary>
    /// <returns>The reply and how many bytes it took; a length of 0 when more is needed.</returns>
    public static (Reply? Value, int Length) Read(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n"u8);
        if (end < 0)
            return default;
        var line = Encoding.Latin1.GetString(bytes[1..end]);
        var type = (char)bytes[0];
        var at = end + 2;
        switch (type)
        {
            case '+' or '-' or ':' or ',' or '#' or '(':
                return (new(type, line, null), at);
            case '_':
                return (new(type, null, null), at);
            case '$' or '!' or '=':
                var length = int.Parse(line, CultureInfo.InvariantCulture);
                if (length < 0)
                    return (new(type, null, null), at);
                return bytes.Length < at + length + 2 ? default : (new(type, Encoding.Latin1.GetString(bytes.Slice(at, length)), null), at + length + 2);
            case '*' or '~' or '>' or '%' or '|':
                var count = int.Parse(line, CultureInfo.InvariantCulture) * (type is '%' or '|' ? 2 : 1);
                if (count < 0)
                    return (new(type, null, null), at);
                var items = new Reply[count];
                for (var i = 0; i < count; i++)
                {
                    if (Read(bytes[at..]) is not ({ } item, var taken))
                        return default;
                    items[i] = item;
                    at += taken;
                }

                return (new(type, null, items), at);
            default:
                throw new FormatException($"No reply: {Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 100)])}");
        }
    }

    /// <summary>Reads bytes that are exactly one reply.</summary>
    public static Reply Parse(ReadOnlySpan<byte> bytes) =>
        Read(bytes) is ({ } reply, var length) && length == bytes.Length ? reply : throw new FormatException($"Not one reply: {Encoding.Latin1.GetString(bytes)}");

    /// <summary>Types and structure without the texts, for replies whose content differs by nature: <c>*(+ : *(...))</c>.</summary>
    public string Shape() => Items is null ? Text is null ? $"{Type}null" : $"{Type}" : $"{Type}({string.Join(' ', Items.Select(i => i.Shape()))})";

    public override string ToString() => Items is null ? $"{Type}{Text ?? "null"}" : $"{Type}[{string.Join(", ", Items.Select(i => i.ToString()))}]";
}
