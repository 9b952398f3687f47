namespace RedisTopology.Population;

/// <summary>A key as a key of a dictionary: equal when its bytes are.</summary>
internal readonly struct ByteKey(ReadOnlyMemory<byte> bytes) : IEquatable<ByteKey>
{
    private readonly ReadOnlyMemory<byte> _bytes = bytes;

    public bool Equals(ByteKey other) => _bytes.Span.SequenceEqual(other._bytes.Span);

    public override bool Equals(object? obj) => obj is ByteKey other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(_bytes.Span);
        return hash.ToHashCode();
    }
}
