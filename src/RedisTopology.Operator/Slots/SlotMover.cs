using RedisTopology.Core.Topology;

namespace RedisTopology.Operator.Slots;

/// <summary>
/// Hands slots over key by key, the way every engine knows. It may be stopped after any command: whoever comes next arms both ends of an open slot again and goes on.
/// A few slots are open at a time: as many as have two thousand keys together, so that no more keys are on their way than with one slot of that size; or many without keys, for the
/// milliseconds it takes to make sure that they are empty. Each mark makes a server write its node table anew (0.4 ms, once for all marks that arrive together): opened
/// one by one, slots of a hundred keys would cost half as much again, and thousands of empty ones minutes.
/// </summary>
/// <param name="move">Both ends.</param>
/// <param name="keys">Moves keys.</param>
/// <param name="time">The clock.</param>
internal sealed class SlotMover(SlotMove move, KeyMover keys, TimeProvider time)
{
    /// <summary>Empty slots handed over at once, and slots whose keys are counted at once.</summary>
    private const int Together = 256;

    /// <summary>Slots that are opened together, and the keys they may have together.</summary>
    private const int GroupSlots = 16;
    private const int GroupKeys = 2000;

    private readonly SlotMarks _marks = new(move, time);

    /// <summary>Marked at the target, and not at the source.</summary>
    private readonly HashSet<int> _imported = [];

    /// <summary>Owned by the target, and still by the source.</summary>
    private readonly List<int> _given = [];

    /// <summary>Like those, but given by whoever went before, who may not have made sure that it lasts.</summary>
    private readonly List<int> _owned = [];

    /// <summary>Moves slots until all are moved or the time is over.</summary>
    /// <param name="slots">The slots.</param>
    /// <param name="open">Those that were left open at one of the ends, or both.</param>
    /// <param name="until">When to stop; a slot may be left open then.</param>
    /// <param name="cancellationToken">Stops it sooner.</param>
    /// <param name="begunOnly">Moves those alone of which keys may have gone over. Default: all.</param>
    /// <exception cref="SlotMoveException">One of the ends refuses.</exception>
    public async Task RunAsync(SlotSet slots, IReadOnlyCollection<OpenSlot> open, DateTimeOffset until, CancellationToken cancellationToken, bool begunOnly = false)
    {
        await _marks.TellOwnerAsync(slots);
        var begun = await BegunAsync([.. open.Where(o => slots.Contains(o.Slot))]);
        foreach (var slot in begun)
        {
            if (IsOver(until, cancellationToken))
                break;
            await MoveOpenAsync(slot, until, cancellationToken);
        }

        try
        {
            foreach (var some in slots.Slots.Where(s => !begun.Contains(s)).Chunk(Together))
            {
                if (begunOnly || IsOver(until, cancellationToken))
                    break;
                await MoveSomeAsync(some, until, cancellationToken);
            }

            await ReleaseAsync();
        }
        finally
        {
            await _marks.AbandonAsync(_imported);
        }
    }

    /// <summary>Those that are open at the source, and those of which the target has keys: a source that was replaced knows nothing of what its predecessor began.</summary>
    private async Task<SortedSet<int>> BegunAsync(IReadOnlyCollection<OpenSlot> open)
    {
        var begun = new SortedSet<int>(open.Where(o => !o.Importing).Select(o => o.Slot));
        int[] marked = [.. open.Select(o => o.Slot).Distinct().Where(s => !begun.Contains(s))];
        var counts = await CountAsync(move.Target.Address, marked);
        begun.UnionWith(marked.Where((_, i) => counts[i] > 0));
        return begun;
    }

    private async Task MoveSomeAsync(int[] slots, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var counts = await CountAsync(move.Source.Address, slots);
        await MoveEmptyAsync([.. slots.Where((_, i) => counts[i] == 0)], until, cancellationToken);

        // While the keys of one group move, the next is listed and opened at the target.
        Task<Prepared>? next = null;
        foreach (var group in Groups([.. slots.Zip(counts).Where(s => s.Second > 0)]))
        {
            var ready = next is null ? null : await TakeAsync(next);
            next = PrepareAsync(group);
            if (ready is null)
                continue;
            if (IsOver(until, cancellationToken))
                break;
            await MoveGroupAsync(ready, until, cancellationToken);
        }

        if (next is not null && await TakeAsync(next) is var last && !IsOver(until, cancellationToken))
            await MoveGroupAsync(last, until, cancellationToken);
    }

    /// <summary>The slots in groups that have no more than so many keys together; one that has more is alone.</summary>
    private static IEnumerable<int[]> Groups(List<(int Slot, long Count)> slots)
    {
        var group = new List<int>();
        long sum = 0;
        foreach (var (slot, count) in slots)
        {
            if (group.Count > 0 && (group.Count == GroupSlots || sum + count > GroupKeys))
            {
                yield return [.. group];
                group.Clear();
                sum = 0;
            }

            group.Add(slot);
            sum += count;
        }

        if (group.Count > 0)
            yield return [.. group];
    }

    /// <summary>Opens slots at the target and lists their keys.</summary>
    private async Task<Prepared> PrepareAsync(int[] slots)
    {
        var marking = _marks.ImportAsync(slots);
        var listings = new List<SlotListing>();
        foreach (var slot in slots)
            listings.Add(await SlotListing.ReadAsync(move.Servers, move.Source.Address, slot));
        var prepared = new Prepared(slots, await marking, listings);
        await TargetMemory.ThrowIfFullAsync(move, prepared.Listings.Sum(l => l.Sizes.Values.Sum()));
        return prepared;
    }

    private async Task<Prepared> TakeAsync(Task<Prepared> task)
    {
        var prepared = await task;
        NoteImported(prepared.Slots, prepared.Owned);
        return prepared;
    }

    private async Task MoveEmptyAsync(int[] slots, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await ImportAsync(slots);
        int[] open = [.. slots.Where(_imported.Contains)];
        await OpenAsync(open);

        // Only now can no key be added any more.
        var counts = await CountAsync(move.Source.Address, open);
        await GiveAsync([.. open.Where((_, i) => counts[i] == 0)]);
        await ReleaseAsync();
        foreach (var slot in open.Where((_, i) => counts[i] != 0))
            await MoveOpenAsync(slot, until, cancellationToken);
    }

    private async Task MoveGroupAsync(Prepared group, DateTimeOffset until, CancellationToken cancellationToken)
    {
        // The source hears from gossip who owns what was given before, while keys of these move.
        var drained = DrainAsync(group, until, cancellationToken);
        await Task.WhenAll(ReleaseAsync(), drained);
        await GiveAsync(await drained);
    }

    private async Task<List<int>> DrainAsync(Prepared group, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var movable = group.Slots.Zip(group.Listings).Where(s => _imported.Contains(s.First) && !IsBlocked(s.First, s.Second)).ToList();
        await OpenAsync([.. movable.Select(m => m.First)]);
        var drained = new List<int>();
        foreach (var (slot, listing) in movable)
        {
            if (await DrainAsync(slot, listing, until, cancellationToken))
                drained.Add(slot);
        }

        return drained;
    }

    private async Task MoveOpenAsync(int slot, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await ImportAsync([slot]);
        if (_owned.Contains(slot))
        {
            await ReleaseAsync();
            return;
        }

        await OpenAsync([slot]);
        if (await DrainAsync(slot, await SlotListing.ReadAsync(move.Servers, move.Source.Address, slot), until, cancellationToken))
            await GiveAsync([slot]);
    }

    /// <summary>Moves the keys of an open slot until there are none.</summary>
    /// <returns>Whether there are none.</returns>
    private async Task<bool> DrainAsync(int slot, SlotListing listing, DateTimeOffset until, CancellationToken cancellationToken)
    {
        while (true)
        {
            // The slot stays open then: every key is served where it is.
            if (IsBlocked(slot, listing) || (move.KeysWait && listing.Keys.Length > 0))
                return false;
            Task<long[]>? rest = null;
            for (var batches = new KeyBatches(listing); !batches.IsDone;)
            {
                if (IsOver(until, cancellationToken))
                    return false;
                var (batch, size) = batches.Next(move.Progress.Batches.Keys);
                var moved = keys.MoveAsync(slot, batch, size);
                if (batches.IsDone)
                    rest = CountAsync(move.Source.Address, [slot]);
                await moved;
            }

            if ((await (rest ?? CountAsync(move.Source.Address, [slot])))[0] == 0)
                return true;
            listing = await SlotListing.ReadAsync(move.Servers, move.Source.Address, slot);
        }
    }

    /// <summary>Whether a key of the slot is so large that the server would stand still for longer than the others wait. It is remembered then.</summary>
    private bool IsBlocked(int slot, SlotListing listing)
    {
        if (listing.Largest() is not { } largest || largest.Size <= move.LargestKey)
            return false;
        keys.Block(slot, listing.Keys[largest.Index], largest.Size, time.GetUtcNow());
        return true;
    }

    private async Task ImportAsync(IReadOnlyCollection<int> slots) => NoteImported(slots, await _marks.ImportAsync(slots));

    private void NoteImported(IReadOnlyCollection<int> slots, HashSet<int> owned)
    {
        _owned.AddRange(owned);
        _imported.UnionWith(slots.Where(s => !owned.Contains(s)));
    }

    private Task OpenAsync(int[] slots)
    {
        _imported.ExceptWith(slots);
        return _marks.MigrateAsync(slots);
    }

    private async Task GiveAsync(List<int> slots)
    {
        await _marks.GiveAsync(slots);
        _given.AddRange(slots);
        move.Progress.AddSlots(slots.Count);
    }

    private async Task ReleaseAsync()
    {
        int[] owned = [.. _owned];
        int[] given = [.. _given, .. owned];
        _owned.Clear();
        _given.Clear();
        await _marks.GiveAsync(owned);
        await _marks.ReleaseAsync(given);
    }

    private async Task<long[]> CountAsync(string address, int[] slots)
    {
        var counts = await Task.WhenAll(move.Servers.ExecuteAllAsync(address, "CLUSTER", [.. slots.Select(s => new object[] { "COUNTKEYSINSLOT", s })]));
        return [.. counts.Select(c => (long)c)];
    }

    private bool IsOver(DateTimeOffset until, CancellationToken cancellationToken) => cancellationToken.IsCancellationRequested || time.GetUtcNow() >= until;

    private sealed record Prepared(int[] Slots, HashSet<int> Owned, List<SlotListing> Listings);
}
