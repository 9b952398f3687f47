using System.Text;
using RedisTopology.Core.Keys;

namespace RedisTopology.Sidecar.Keys;

/// <summary>
/// Keyspace notifications: <c>__keyspace@0__:KEY</c> carries the key in the channel's name, <c>__keyevent@0__:EVENT</c> in the message. A pattern of such channels is sent to the
/// server with one more <c>*</c> where the key begins, so that it meets keys with a tag as well; what it meets too many is left out.
/// </summary>
internal static class KeyChannels
{
    private static ReadOnlySpan<byte> Any => "__key"u8;

    private static ReadOnlySpan<byte> Space => "__keyspace@"u8;

    private static ReadOnlySpan<byte> Event => "__keyevent@"u8;

    /// <summary>
    /// Meets every notice, and hardly anything else: what is subscribed to at every master in place of a client's pattern that meets other channels as well. Nobody writes it himself.
    /// </summary>
    public const string AnyNotice = "__*key[es]*@[0]__:*";

    // The last four are of Redis 8.8.
    private static readonly byte[][] s_prefixes =
        [.. new[] { "__keyspace@", "__keyevent@", "__subkeyspace@", "__subkeyevent@", "__subkeyspaceitem@", "__subkeyspaceevent@" }.Select(p => Encoding.ASCII.GetBytes(p + "0__:"))];

    /// <summary>Whether a server tells of its own keys in a channel; with a pattern, whether in all channels that it matches.</summary>
    /// <param name="name">The channel or the pattern.</param>
    /// <returns>True when it does.</returns>
    public static bool IsNotice(ReadOnlySpan<byte> name)
    {
        foreach (var prefix in s_prefixes)
        {
            if (name.StartsWith(prefix))
                return true;
        }

        return false;
    }

    /// <summary>Whether a pattern matches notices and perhaps other channels too, such as <c>*</c> and <c>__key*__:*</c>.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <returns>True when it does; false for those of <see cref="IsNotice"/>.</returns>
    public static bool MeetsNotices(ReadOnlySpan<byte> pattern)
    {
        if (IsNotice(pattern))
            return false;
        foreach (var prefix in s_prefixes)
        {
            if (GlobPattern.MayMatchAfter(pattern, prefix))
                return true;
        }

        return false;
    }

    /// <summary>Where the key stands in the name of a channel.</summary>
    /// <param name="channel">The channel's name.</param>
    /// <returns>Its place; 0 when this is no such channel.</returns>
    public static int KeyAt(ReadOnlySpan<byte> channel) => channel.StartsWith(Space) ? Behind(channel) : 0;

    /// <summary>Where the star is put into a pattern of channels.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <returns>The place; 0 when it is not about keys.</returns>
    public static int StarAt(ReadOnlySpan<byte> pattern) => pattern.StartsWith(Any) ? Behind(pattern) : 0;

    /// <summary>Whether the message of a channel is a key.</summary>
    /// <param name="channel">The channel's name.</param>
    /// <returns>True when it is.</returns>
    public static bool TellsKeys(ReadOnlySpan<byte> channel) => channel.StartsWith(Event);

    /// <summary>A channel's name as the client knows it.</summary>
    /// <param name="keys">The mapping.</param>
    /// <param name="channel">The name in the server.</param>
    /// <returns>The name.</returns>
    public static ReadOnlySpan<byte> ToLogical(KeyMapping keys, ReadOnlySpan<byte> channel)
    {
        var at = KeyAt(channel);
        var prefix = at == 0 ? 0 : keys.PrefixLength(channel[at..]);
        return prefix == 0 ? channel : (byte[])[.. channel[..at], .. channel[(at + prefix)..]];
    }

    /// <summary>A pattern as the client gave it: without the star that was put in.</summary>
    /// <param name="pattern">The pattern in the server.</param>
    /// <returns>The pattern.</returns>
    public static ReadOnlySpan<byte> WithoutStar(ReadOnlySpan<byte> pattern)
    {
        var at = StarAt(pattern);
        return at == 0 || at == pattern.Length || pattern[at] != (byte)'*' ? pattern : (byte[])[.. pattern[..at], .. pattern[(at + 1)..]];
    }

    private static int Behind(ReadOnlySpan<byte> name) => name.IndexOf("__:"u8) is > 0 and var at ? at + 3 : 0;
}
