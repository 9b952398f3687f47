using System.Text;

namespace RedisTopology.Core.Hashing;

/// <summary>Which of the 16,384 hash slots a key lives in, by the rule every Redis Cluster server and client follows.</summary>
public static class HashSlot
{
    /// <summary>The number of hash slots of a Redis Cluster: 16,384.</summary>
    public const int Count = 16384;

    /// <summary>The slot of <paramref name="key"/>.</summary>
    /// <param name="key">The key's bytes; keys are binary-safe and may be empty.</param>
    /// <returns>A slot in 0..16383.</returns>
    public static int Of(ReadOnlySpan<byte> key) => Crc16.Compute(HashTag(key)) & (Count - 1);

    /// <summary>The slot of <paramref name="key"/> encoded as UTF-8.</summary>
    /// <param name="key">The key.</param>
    /// <returns>A slot in 0..16383.</returns>
    public static int Of(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Of(Encoding.UTF8.GetBytes(key));
    }

    /// <summary>
    /// The part of a key that is hashed: what stands between the first <c>{</c> and the first <c>}</c> after it, when there is such
    /// a pair with something between; otherwise the whole key.
    /// </summary>
    /// <param name="key">The key's bytes.</param>
    /// <returns>A slice of <paramref name="key"/>.</returns>
    public static ReadOnlySpan<byte> HashTag(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        if (open < 0)
            return key;
        var length = key[(open + 1)..].IndexOf((byte)'}');
        return length > 0 ? key.Slice(open + 1, length) : key;
    }
}
