using System.Runtime.InteropServices;
using RedisTopology.Sidecar.Metrics;

namespace RedisTopology.Sidecar.Engine;

/// <summary>Lends chunks of three usual sizes and of any greater one. The usual ones are kept for the next borrower, the great ones go back to the system at once.</summary>
internal sealed unsafe class ChunkPool(LoopMetrics metrics) : IDisposable
{
    /// <summary>For replies to one client: what fits in a few packets.</summary>
    public const int Small = 16 * 1024;

    /// <summary>For requests to one server: a batch of many clients' commands.</summary>
    public const int Large = 64 * 1024;

    /// <summary>For one request with a great value.</summary>
    public const int Great = 128 * 1024;

    private const int MaxKept = 8 << 20;

    private readonly Stack<Chunk> _small = new(), _large = new(), _great = new(), _shells = new();
    private long _kept;

    /// <summary>Lends a chunk with room for at least <paramref name="size"/> bytes, referenced once.</summary>
    public Chunk Rent(int size)
    {
        var stack = size <= Small ? _small : size <= Large ? _large : size <= Great ? _great : null;
        if (stack is null || !stack.TryPop(out var chunk))
        {
            if (!_shells.TryPop(out chunk))
                chunk = new Chunk();
            chunk.Capacity = size <= Small ? Small : size <= Large ? Large : Math.Max(size, Great);
            chunk.Data = (byte*)NativeMemory.Alloc((nuint)chunk.Capacity);
        }
        else
        {
            _kept -= chunk.Capacity;
        }

        metrics.BufferedBytes += chunk.Capacity;
        (chunk.Used, chunk.Sent, chunk.References, chunk.Next) = (0, 0, 1, null);
        return chunk;
    }

    /// <summary>Drops one reference; the last one gives the chunk back.</summary>
    public void Release(Chunk chunk)
    {
        if (--chunk.References > 0)
            return;
        metrics.BufferedBytes -= chunk.Capacity;
        chunk.Next = null;
        if (chunk.Capacity <= Great && _kept + chunk.Capacity <= MaxKept)
        {
            _kept += chunk.Capacity;
            (chunk.Capacity switch { Small => _small, Large => _large, _ => _great }).Push(chunk);
            return;
        }

        Free(chunk);
        _shells.Push(chunk);
    }

    /// <summary>Gives what is kept beyond <paramref name="keep"/> bytes back to the system: called when the loop has been quiet.</summary>
    public void Trim(long keep)
    {
        while (_kept > keep && (_great.TryPop(out var chunk) || _large.TryPop(out chunk) || _small.TryPop(out chunk)))
        {
            _kept -= chunk.Capacity;
            Free(chunk);
            _shells.Push(chunk);
        }
    }

    public void Dispose() => Trim(0);

    private static void Free(Chunk chunk)
    {
        NativeMemory.Free(chunk.Data);
        chunk.Data = null;
    }
}
