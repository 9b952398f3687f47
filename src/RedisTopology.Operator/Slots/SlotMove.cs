using RedisTopology.Core.Planning;
using RedisTopology.Operator.Redis;

namespace RedisTopology.Operator.Slots;

/// <summary>What is needed to hand slots from one master to another.</summary>
/// <param name="Source">The owner.</param>
/// <param name="Target">Who is to own them.</param>
/// <param name="Servers">Connections to both.</param>
/// <param name="NodeTimeout">How long a silent server is given before the others call it failed: no command may stop one for nearly as long.</param>
/// <param name="Progress">Where it is counted.</param>
/// <param name="Blocks">Where slots are remembered that cannot be moved.</param>
/// <param name="KeysWait">Keys stay where they are for now; slots that have none are handed over.</param>
internal sealed record SlotMove(
    NodeRef Source, NodeRef Target, IRedisCommands Servers, TimeSpan NodeTimeout, MoveProgress Progress, SlotBlocks Blocks, bool KeysWait = false)
{
    /// <summary>
    /// The largest key that is handed over: its source stands still while it is written, sent and read, for a quarter of the node timeout at 25 MB/s.
    /// </summary>
    public long LargestKey => (long)(NodeTimeout.TotalSeconds / 4 * 25_000_000);
}
