using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Redis;
using StackExchange.Redis;
using SlotRange = RedisTopology.Core.Topology.SlotRange;

namespace RedisTopology.Operator.Slots;

/// <summary>
/// The marks and the ownership of slots at both ends: <c>CLUSTER SETSLOT</c> in the only order that is safe. The target is armed before the source, so that nobody is sent
/// to a server that would send him back; it becomes the owner before the source lets go, so that there is never none, and gossip is left to tell everybody else. Commands for many
/// slots are sent without waiting for each other: a server writes its node table once for all that arrive together.
/// </summary>
/// <param name="move">Both ends.</param>
/// <param name="time">The clock.</param>
internal sealed class SlotMarks(SlotMove move, TimeProvider time)
{
    private static readonly TimeSpan GossipPoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// A master that has just joined may not have heard yet who owns the slots, and what is marked as importing it does not learn from gossip any more: it would refuse every key of the slot for ever
    /// ("CLUSTERDOWN Hash slot not served"; Redis 7.0.15). So it is told. Only of slots that have no owner in its eyes: one of its own it would give away.
    /// </summary>
    /// <param name="slots">The slots, before any of them is opened.</param>
    public async Task TellOwnerAsync(SlotSet slots)
    {
        var known = SlotSet.Of(((RedisResult[]?)await move.Servers.ExecuteAsync(move.Target.Address, "CLUSTER", "SLOTS") ?? []).Select(r => new SlotRange((int)r[0], (int)r[1])));
        await AllOrThrowAsync(SetAll(move.Target, slots.Except(known).Slots, "NODE", move.Source.Id));
    }

    /// <summary>Opens slots at the target. It answers nobody but those the source sends, so it may be done long before.</summary>
    /// <param name="slots">The slots.</param>
    /// <returns>Those of which the target is the owner already: only the end of the handing over is missing.</returns>
    public async Task<HashSet<int>> ImportAsync(IReadOnlyCollection<int> slots)
    {
        var replies = SetAll(move.Target, slots, "IMPORTING", move.Source.Id);
        var owned = new HashSet<int>();
        await AllAsync(replies);
        foreach (var (slot, reply) in slots.Zip(replies))
        {
            if (reply.Exception?.InnerException is RedisServerException e && e.Message.Contains("already the owner", StringComparison.Ordinal))
                owned.Add(slot);
            else
                await reply;
        }

        return owned;
    }

    /// <summary>Opens slots at the source: from now on it sends those who ask for a key it does not have to the target.</summary>
    /// <param name="slots">The slots, open at the target.</param>
    public Task MigrateAsync(IReadOnlyCollection<int> slots) => AllOrThrowAsync(SetAll(move.Source, slots, "MIGRATING", move.Target.Id));

    /// <summary>Takes the mark of <see cref="ImportAsync"/> away again.</summary>
    /// <param name="slots">Slots that were not opened at the source.</param>
    public Task AbandonAsync(IReadOnlyCollection<int> slots) =>
        AllOrThrowAsync(SetAll(move.Target, slots, "STABLE"));

    /// <summary>
    /// Makes the target the owner in its own eyes, once its epoch is newer than the source's. A target that has not heard yet of the source's last epoch would take its own for the
    /// newest and keep it; the source's next message would then make it give the slots back and delete their keys, and when the source let go nobody would own them.
    /// </summary>
    /// <param name="slots">The slots. The source must have no key of them left, and be open; or the target owns them already.</param>
    /// <exception cref="SlotMoveException">The news of the source's epoch does not reach the target.</exception>
    public async Task GiveAsync(IReadOnlyCollection<int> slots)
    {
        if (slots.Count == 0)
            return;
        var started = time.GetTimestamp();
        while (await Task.WhenAll(EpochAsync(move.Source), EpochAsync(move.Target)) is var epochs && epochs[1] <= epochs[0])
        {
            if (time.GetElapsedTime(started) > move.NodeTimeout)
                throw new SlotMoveException($"{move.Target.Pod} has not heard that the epoch of {move.Source.Pod} is {epochs[0]}: its claim to slots would not last");
            if ((string?)await move.Servers.ExecuteAsync(move.Target.Address, "CLUSTER", "BUMPEPOCH") is not { } reply || !reply.StartsWith("BUMPED", StringComparison.Ordinal))
                await Task.Delay(GossipPoll, time);
        }

        await AllOrThrowAsync(SetAll(move.Target, slots, "NODE", move.Target.Id));
    }

    /// <summary>
    /// Waits until the source has heard who owns the slots, and takes its marks away. A source that was told instead, before it heard, would take the target's older messages, which do not claim
    /// the slots, for doubt about their owner; Redis 7.0.15 never forgets that doubt, and were the slots to come back, the next message of their last owner would take them away again, and their keys
    /// would be deleted. For the same reason the other masters are not told. The target tells all of them of its claim at once.
    /// </summary>
    /// <param name="slots">The slots, owned by the target.</param>
    /// <exception cref="SlotMoveException">The news of the target's claim does not reach the source. It still sends everybody to the target.</exception>
    public async Task ReleaseAsync(IReadOnlyCollection<int> slots)
    {
        if (slots.Count == 0)
            return;
        var set = SlotSet.Of(slots.Select(s => new SlotRange(s, s)));
        var started = time.GetTimestamp();
        for (var wait = FirstPoll; !NodeParser.OwnSlots((string)(await move.Servers.ExecuteAsync(move.Source.Address, "CLUSTER", "NODES"))!).Intersect(set).IsEmpty; wait = Min(wait * 2, GossipPoll))
        {
            if (time.GetElapsedTime(started) > move.NodeTimeout)
                throw new SlotMoveException($"{move.Source.Pod} has not heard that {move.Target.Pod} owns {set}");
            await Task.Delay(wait, time);
        }

        await AllOrThrowAsync(SetAll(move.Source, slots, "NODE", move.Target.Id));
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private async Task<long> EpochAsync(NodeRef node) => NodeParser.OwnEpoch((string)(await move.Servers.ExecuteAsync(node.Address, "CLUSTER", "INFO"))!);

    private Task<RedisResult>[] SetAll(NodeRef on, IEnumerable<int> slots, params string[] state) =>
        move.Servers.ExecuteAllAsync(on.Address, "CLUSTER", [.. slots.Select(s => (object[])["SETSLOT", s, .. state])]);

    private static async Task AllOrThrowAsync(Task[] replies)
    {
        await AllAsync(replies);
        foreach (var reply in replies)
            await reply;
    }

    /// <summary>All replies are waited for before the first error is told: none may still be on its way when the next plan is made.</summary>
    private static async Task AllAsync(IEnumerable<Task> replies) => await Task.WhenAll(replies).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
