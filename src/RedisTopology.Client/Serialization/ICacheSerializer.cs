namespace RedisTopology.Client;

/// <summary>Turns values into what is stored, and back. Implementations are safe for any number of threads.</summary>
public interface ICacheSerializer
{
    /// <summary>The bytes of a value.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="value">The value; not null.</param>
    /// <returns>Bytes that do not change any more.</returns>
    ReadOnlyMemory<byte> Serialize<T>(T value);

    /// <summary>The value of some bytes.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The value.</returns>
    T? Deserialize<T>(ReadOnlyMemory<byte> bytes);
}
