namespace RedisTopology.Sidecar.Engine;

/// <summary>XREAD or XREADGROUP of streams in several slots.</summary>
/// <param name="options">What stands before STREAMS, the command's name first and without BLOCK.</param>
/// <param name="keys">The streams, as the servers have them, in the client's order.</param>
/// <param name="ids">For each, after which entry it is read.</param>
/// <param name="until">When it gives up, in milliseconds.</param>
internal sealed class SpreadRead(List<byte[]> options, byte[][] keys, byte[][] ids, long until) : SpreadWait(until)
{
    /// <summary>What stands before STREAMS.</summary>
    public List<byte[]> Options => options;

    /// <summary>The streams.</summary>
    public byte[][] Keys => keys;

    /// <summary>After which entries they are read.</summary>
    public byte[][] Ids => ids;

    /// <summary>For each stream, which piece it is part of.</summary>
    public int[] PieceOfKey { get; } = new int[keys.Length];

    /// <summary>The pieces: the request of each slot, sent anew in each round. Empty until all ids are known.</summary>
    public List<(int Slot, byte[] Frame)> Frames { get; } = [];
}
