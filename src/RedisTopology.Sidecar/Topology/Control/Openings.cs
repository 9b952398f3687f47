using RedisTopology.Core.Topology;
using RedisTopology.Sidecar.Topology.Views;

namespace RedisTopology.Sidecar.Topology.Control;

/// <summary>
/// What a master says of the slots that it gives away key by key. The operator announces them beforehand, by subscriptions that end with its connection; those that are open stand in the
/// master's own line of <c>CLUSTER NODES</c>, whoever opened them.
/// </summary>
/// <param name="Leaving">The slots that are announced or open.</param>
/// <param name="Owned">The slots the master says it owns.</param>
/// <param name="AskedAt">A moment before it was asked (<see cref="Environment.TickCount64"/>, milliseconds).</param>
internal sealed record Openings(SlotSet Leaving, SlotSet Owned, long AskedAt)
{
    /// <summary>Reads what a master said.</summary>
    /// <param name="replies">The replies to <c>PUBSUB CHANNELS</c> with the pattern of announced slots, and to <c>CLUSTER NODES</c>.</param>
    /// <param name="askedAt">A moment before it was asked, in milliseconds.</param>
    /// <returns>The slots.</returns>
    public static Openings Read(ReadOnlyMemory<byte> replies, long askedAt)
    {
        var bytes = replies.Span;
        var channels = ControlReply.Read(ref bytes);
        var nodes = ControlException.ThrowIfError(ControlReply.Read(ref bytes));
        var (owned, leaving) = ClusterViewParser.OwnSlots(nodes.Text ?? "");
        return new(SlotSet.Of([.. (channels.Items ?? []).SelectMany(c => MoveChannel.Read(c.Text)), .. leaving]), SlotSet.Of(owned), askedAt);
    }
}
