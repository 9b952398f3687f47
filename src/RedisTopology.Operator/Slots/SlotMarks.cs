using RedisTopology.Core.Planning;
using StackExchange.Redis;

namespace RedisTopology.Operator.Slots;

/// <summary>
/// The marks and the ownership of slots at both ends: <c>CLUSTER SETSLOT</c> in the only order that is safe. The target is armed before the source, so that nobody is sent
/// to a server that would send him back; it becomes the owner before the source lets go, so that there is never none. Commands for many slots are sent without
/// waiting for each other: a server writes its node table once for all that arrive together.
/// </summary>
/// <param name="move">Both ends.</param>
internal sealed class SlotMarks(SlotMove move)
{
    private readonly List<Task> _told = [];

    /// <summary>Opens slots at the target. It answers nobody but those the source sends, so it may be done long before.</summary>
    /// <param name="slots">The slots.</param>
    /// <returns>Those of which the target is the owner already: only the end of the handing over is missing.</returns>
    public async Task<HashSet<int>> ImportAsync(IReadOnlyCollection<int> slots)
    {
        var replies = slots.Select(s => (Slot: s, Reply: SetAsync(move.Target, s, "IMPORTING", move.Source.Id))).ToList();
        var owned = new HashSet<int>();
        await AllAsync(replies.Select(r => r.Reply));
        foreach (var (slot, reply) in replies)
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
    public Task MigrateAsync(IReadOnlyCollection<int> slots) => AllOrThrowAsync(slots.Select(s => SetAsync(move.Source, s, "MIGRATING", move.Target.Id)));

    /// <summary>Takes the mark of <see cref="ImportAsync"/> away again.</summary>
    /// <param name="slots">Slots that were not opened at the source.</param>
    public Task AbandonAsync(IReadOnlyCollection<int> slots) =>
        AllOrThrowAsync(slots.Select(s => move.Servers.ExecuteAsync(move.Target.Address, "CLUSTER", "SETSLOT", s, "STABLE")));

    /// <summary>Makes the target the owner in its own eyes. The source must have no key of the slots left, and be open.</summary>
    /// <param name="slots">The slots.</param>
    public Task GiveAsync(IReadOnlyCollection<int> slots) => AllOrThrowAsync(slots.Select(s => SetAsync(move.Target, s, "NODE", move.Target.Id)));

    /// <summary>Makes the source let go, and tells the other masters; those are not waited for until <see cref="SettleAsync"/>.</summary>
    /// <param name="slots">The slots, owned by the target.</param>
    public Task ReleaseAsync(IReadOnlyCollection<int> slots)
    {
        var released = slots.Select(s => SetAsync(move.Source, s, "NODE", move.Target.Id)).ToList();
        foreach (var other in move.Others)
            _told.AddRange(slots.Select(s => SetAsync(other, s, "NODE", move.Target.Id)));
        return AllOrThrowAsync(released);
    }

    /// <summary>Waits until the other masters have answered. What they answer does not matter: gossip tells them as well.</summary>
    public async Task SettleAsync()
    {
        await AllAsync(_told);
        _told.Clear();
    }

    private Task<RedisResult> SetAsync(NodeRef on, int slot, string state, string id) => move.Servers.ExecuteAsync(on.Address, "CLUSTER", "SETSLOT", slot, state, id);

    private static async Task AllOrThrowAsync(IEnumerable<Task> replies)
    {
        var all = replies.ToList();
        await AllAsync(all);
        foreach (var reply in all)
            await reply;
    }

    /// <summary>All replies are waited for before the first error is told: none may still be on its way when the next plan is made.</summary>
    private static async Task AllAsync(IEnumerable<Task> replies) => await Task.WhenAll(replies).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
