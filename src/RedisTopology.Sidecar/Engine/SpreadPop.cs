using RedisTopology.Sidecar.Commands;

namespace RedisTopology.Sidecar.Engine;

/// <summary>A pop whose keys are in several slots, or that ends leases. They are asked one after the other: as on one server, the first that has something gives it.</summary>
/// <param name="ask">The command that takes from one key without waiting.</param>
/// <param name="frames">With what each key is asked, in the client's order.</param>
/// <param name="keys">The keys, as the servers have them, for replies that do not tell them. Null: replies are given as they come.</param>
/// <param name="until">When it gives up, in milliseconds.</param>
internal sealed class SpreadPop(CommandInfo ask, (int Slot, byte[] Frame)[] frames, byte[][]? keys, long until) : SpreadWait(until)
{
    /// <summary>The command that takes from one key without waiting.</summary>
    public CommandInfo Ask => ask;

    /// <summary>With what each key is asked.</summary>
    public (int Slot, byte[] Frame)[] Frames => frames;

    /// <summary>The keys, for replies that do not tell them.</summary>
    public byte[][]? Keys => keys;

    /// <summary>Which key is asked, or will be next.</summary>
    public int Next { get; set; }
}
