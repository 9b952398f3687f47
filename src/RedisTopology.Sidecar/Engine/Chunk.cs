namespace RedisTopology.Sidecar.Engine;

/// <summary>A block of bytes outside the garbage collected heap, shared by counting references. Belongs to one loop.</summary>
internal sealed unsafe class Chunk
{
    /// <summary>The first byte.</summary>
    public byte* Data;

    /// <summary>Its size, in bytes.</summary>
    public int Capacity;

    /// <summary>How many bytes have been put in.</summary>
    public int Used;

    /// <summary>How many of them have been sent.</summary>
    public int Sent;

    /// <summary>Who still needs it: the queue it stands in, and each request whose bytes it holds.</summary>
    public int References;

    /// <summary>The next in its queue.</summary>
    public Chunk? Next;

    /// <summary>How many bytes still fit.</summary>
    public int Free => Capacity - Used;
}
