using System.Buffers.Binary;
using System.Security.Cryptography;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Commands;

/// <summary>
/// The scans whose place does not fit into a cursor: those that go after moved slots. Bounded; a scan that has been forgotten here, or comes from another process, begins anew,
/// which repeats keys and misses none.
/// </summary>
internal sealed class ScanMemory
{
    // 4,096 steps with 2 KB for each pass among them: at most 8 MB, and only while slots move.
    private const int Capacity = 4_096;
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, Place> _places = [];
    private readonly Queue<ulong> _order = new();

    /// <summary>Keeps a place. Each step of a scan has its own, so that a client may send a cursor twice.</summary>
    /// <param name="place">The place.</param>
    /// <returns>The cursor for it.</returns>
    public ulong Keep(Place place)
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        var token = ScanCursor.FirstToken + (BinaryPrimitives.ReadUInt64LittleEndian(bytes) % ScanCursor.Tokens);
        lock (_lock)
        {
            if (_order.Count == Capacity)
                _places.Remove(_order.Dequeue());
            _places[token] = place;
            _order.Enqueue(token);
        }

        return token;
    }

    /// <summary>Finds a place.</summary>
    /// <param name="token">What <see cref="Keep"/> gave.</param>
    /// <returns>The place; null when it is not known.</returns>
    public Place? Find(ulong token)
    {
        lock (_lock)
            return _places.GetValueOrDefault(token);
    }

    /// <summary>A place.</summary>
    /// <param name="Start">When the scan began, wall time in milliseconds.</param>
    /// <param name="Moves">How many moves had been seen when this pass began; for the passes after the first.</param>
    /// <param name="Tag">The server, or <see cref="ScanCursor.End"/>.</param>
    /// <param name="Server">The server's cursor.</param>
    /// <param name="Slots">The slots this pass goes after; null: all.</param>
    /// <param name="Nodes">The servers this pass goes through; null: all.</param>
    internal sealed record Place(long Start, long Moves, int Tag, ulong Server, SlotSet? Slots, HashSet<Node>? Nodes);
}
