using RedisTopology.Sidecar.Keys;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// Commands between MULTI and EXEC. They are kept here and sent as one block on a shared connection: nothing else of this loop comes between, the server
/// is held up by no half-told transaction, and after a redirection the whole block can be sent again, as nothing of it has been executed.
/// </summary>
internal sealed class Transaction
{
    /// <summary>The block: MULTI and what was queued, as it will be sent.</summary>
    public MemoryStream Block { get; } = new();

    /// <summary>What was queued: where each command ends in the block, and the slot of its keys; -1 when it has none.</summary>
    public List<(int End, int Slot)> Queued { get; } = [];

    /// <summary>Commands that were queued in parts, in their order.</summary>
    public List<QueuedParts> Parts { get; } = [];

    /// <summary>With KeyRange: where the reply of each carries keys.</summary>
    public List<KeyReply> KeyReplies { get; } = [];

    /// <summary>What removes the leases of keys whose commands can not do that themselves: sent before the block and after it.</summary>
    public List<(int Slot, byte[] Frame)> Revocations { get; } = [];

    /// <summary>The slot of their first keys; -1 while they have none.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>Keys of other slots have followed.</summary>
    public bool IsSpread { get; set; }

    /// <summary>A message is published.</summary>
    public bool Publishes { get; set; }

    /// <summary>A command could not be queued: EXEC will say EXECABORT.</summary>
    public bool IsBroken { get; set; }
}
