using RedisTopology.Core.Hashing;
using RedisTopology.Core.Keys;

namespace RedisTopology.Population;

/// <summary>
/// A populated key and the short-lived keys beside it, which carry the tag of its slot and so live where it lives: values stay what they are, byte for byte.
/// </summary>
public readonly struct SiblingKeys
{
    /// <summary>The keys beside a key.</summary>
    /// <param name="key">The key as the servers know it.</param>
    public SiblingKeys(ReadOnlyMemory<byte> key)
    {
        var prefix = SlotTags.PrefixOf(HashSlot.Of(key.Span));
        Key = key;
        Lease = Join(prefix, ":lease:"u8, key.Span);
        Negative = Join(prefix, ":none:"u8, key.Span);
    }

    /// <summary>The populated key.</summary>
    public ReadOnlyMemory<byte> Key { get; }

    /// <summary>Holds the token of whoever loads or writes the key.</summary>
    public ReadOnlyMemory<byte> Lease { get; }

    /// <summary>There while the origin's "not found" is remembered.</summary>
    public ReadOnlyMemory<byte> Negative { get; }

    private static byte[] Join(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> middle, ReadOnlySpan<byte> key)
    {
        var joined = new byte[prefix.Length + middle.Length + key.Length];
        prefix.CopyTo(joined);
        middle.CopyTo(joined.AsSpan(prefix.Length));
        key.CopyTo(joined.AsSpan(prefix.Length + middle.Length));
        return joined;
    }
}
