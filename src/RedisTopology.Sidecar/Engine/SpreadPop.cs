using RedisTopology.Sidecar.Commands;

namespace RedisTopology.Sidecar.Engine;

/// <summary>A blocking pop whose keys are in several slots. They are asked one after the other: as on one server, the first that has something gives it.</summary>
/// <param name="ask">The command that takes from one key without waiting.</param>
/// <param name="keys">The keys, as the servers have them, in the client's order.</param>
/// <param name="options">What follows the key when one is asked, LEFT or MIN first: of BLMPOP and BZMPOP, whose replies are given as they come. Null for the others.</param>
/// <param name="until">When it gives up, in milliseconds.</param>
internal sealed class SpreadPop(CommandInfo ask, byte[][] keys, byte[][]? options, long until) : SpreadWait(until)
{
    /// <summary>The command that takes from one key without waiting.</summary>
    public CommandInfo Ask => ask;

    /// <summary>The keys.</summary>
    public byte[][] Keys => keys;

    /// <summary>What follows the key.</summary>
    public byte[][]? Options => options;

    /// <summary>Which key is asked, or will be next.</summary>
    public int Next { get; set; }
}
