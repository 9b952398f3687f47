using System.Buffers;

namespace RedisTopology.Sidecar.Tls;

/// <summary>Bytes outside the managed heap as the memory that streams ask for. One is used again and again: what it shows is good until it is moved.</summary>
internal sealed unsafe class NativeMemoryWindow : MemoryManager<byte>
{
    private byte* _bytes;
    private int _length;

    /// <summary>Shows other bytes.</summary>
    /// <param name="bytes">Where they begin.</param>
    /// <param name="length">How many they are.</param>
    /// <returns>They.</returns>
    public Memory<byte> Show(byte* bytes, int length)
    {
        _bytes = bytes;
        _length = length;
        return CreateMemory(length);
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(_bytes, _length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(_bytes + elementIndex);

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
