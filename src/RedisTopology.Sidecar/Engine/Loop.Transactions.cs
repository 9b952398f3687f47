using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Keys;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Engine;

/// <summary>MULTI, EXEC, DISCARD, WATCH, UNWATCH.</summary>
internal sealed unsafe partial class Loop
{
    private const int MaxTransaction = 64 << 20;

    private static ReadOnlySpan<byte> Multi => "*1\r\n$5\r\nMULTI\r\n"u8;

    private static ReadOnlySpan<byte> Exec => "*1\r\n$4\r\nEXEC\r\n"u8;

    private bool ByTransaction(Client client, CommandInfo command, in Arguments request)
    {
        switch (command.Name)
        {
            case "MULTI":
                if (client.Transaction is not null)
                {
                    Answer(client, command, ReplyText.Error("ERR MULTI calls can not be nested"));
                    return true;
                }

                client.Transaction = new Transaction();
                client.Transaction.Block.Write(Multi);
                Answer(client, command, ReplyText.Ok);
                return true;
            case "EXEC":
                return Execute(client, command);
            case "DISCARD":
                if (client.Transaction is null)
                {
                    Answer(client, command, ReplyText.Error("ERR DISCARD without MULTI"));
                    return true;
                }

                client.Transaction = null;
                Unwatch(client);
                Answer(client, command, ReplyText.Ok);
                return true;
            case "WATCH":
                if (client.Transaction is not null)
                {
                    Answer(client, command, ReplyText.Error("ERR WATCH inside MULTI is not allowed"));
                    return true;
                }

                return Watch(client, command, request);
            default:
                if (client.Transaction is not null)
                    return Enqueue(client, command, Route.AnyNode, request);
                Unwatch(client);
                Answer(client, command, ReplyText.Ok);
                return true;
        }
    }

    // Between MULTI and EXEC: checked as far as a server would, and kept.
    private bool Enqueue(Client client, CommandInfo command, Route route, in Arguments request)
    {
        var transaction = client.Transaction!;
        Metrics.Commands[command.Id]++;
        if ((command.Traits & CommandTraits.NotInTransaction) != 0)
            return Refuse(client, "ERR Command not allowed inside a transaction");
        if (route is Route.FanOut or Route.Scan or Route.PubSub)
            return Refuse(client, $"ERR '{command.Name.ToLowerInvariant()}' concerns all shards or the connection: through the sidecar it is not possible inside a transaction");
        if (route == Route.Split && TryEnqueueParts(client, command, request))
            return true;
        var slot = -1;
        if (route is Route.Slot or Route.Split or Route.Blocking)
        {
            slot = SlotOf(client, command, request, out var keyless);
            if (slot < 0 && !keyless)
                return true;
            if (!keyless && !TryNoteSlot(transaction, slot))
            {
                transaction.IsBroken = true;
                Answer(client, command, ReplyText.CrossSlotInTransaction);
                return true;
            }
        }

        if (IsTooLong(transaction, request.Frame.Length))
            return Refuse(client, TooLong);
        if (!command.IsReadOnly && (route == Route.Blocking || IsUnwrappable(command, request)))
            RevokeAround(transaction, command, request, slot);
        else
            transaction.Block.Write(Revoking(command, request.Frame, client.State.Protocol));
        transaction.Publishes |= command.Name is "PUBLISH" or "SPUBLISH";
        transaction.Queued.Add(((int)transaction.Block.Length, slot));
        if (_keys.IsKeyRange)
            transaction.KeyReplies.Add(KeyReplies.Of(command));
        Answer(client, command, ReplyText.Queued);
        return true;
    }

    private static string TooLong => $"ERR the transaction is longer than {MaxTransaction} bytes: split it";

    private static bool IsTooLong(Transaction transaction, long more) => transaction.Block.Length + more > MaxTransaction;

    private bool TryNoteSlot(Transaction transaction, int slot)
    {
        if (transaction.Slot < 0)
            transaction.Slot = slot;
        else
            transaction.IsSpread |= transaction.Slot != slot;
        return !transaction.IsSpread || _options.Transactions == Transactions.PerSlot;
    }

    private bool Execute(Client client, CommandInfo command)
    {
        if (client.Transaction is not { } transaction)
        {
            Answer(client, command, ReplyText.Error("ERR EXEC without MULTI"));
            return true;
        }

        if (OvertakesRead(client, transaction.Slot) || (transaction.IsSpread && transaction.Queued.Exists(q => OvertakesRead(client, q.Slot))))
            return WaitForLine(client);
        client.Transaction = null;
        var hasLost = client.HasLostWatch;
        client.HasLostWatch = false;
        var isApart = transaction.IsSpread || IsWatchedApart(client, transaction);
        var crosses = isApart && _options.Transactions == Transactions.OneSlot;
        if (transaction.IsBroken || hasLost || transaction.Queued.Count == 0 || crosses)
        {
            Unwatch(client);
            Answer(client, command, transaction.IsBroken ? ReplyText.Error("EXECABORT Transaction discarded because of previous errors.")
                : hasLost ? ReplyText.NilArray(client.State.Protocol)
                : crosses ? ReplyText.CrossSlotInTransaction : "*0\r\n"u8);
            return true;
        }

        if (isApart)
        {
            ExecuteApart(client, command, transaction);
            return true;
        }

        transaction.Block.Write(Exec);
        var flags = RequestFlags.Writing | RequestFlags.Unsized;
        var watching = client.IsWatching ? client.Watching![0] : null;
        if (watching is not null)
            flags |= RequestFlags.Private | RequestFlags.Barrier;
        var request = Begin(client, command, watching?.WatchedSlot ?? transaction.Slot, flags);
        request.Before = request.Leading = transaction.Queued.Count + 1;
        if (transaction.KeyReplies.Exists(k => k != KeyReply.None))
            request.KeyReplies = transaction.KeyReplies;
        Revoke(transaction);
        fixed (byte* p = transaction.Block.GetBuffer())
        {
            if (watching is not null)
            {
                client.IsHeld = true;
                (watching.EndsWatch, watching.Watches) = (true, false);
                Enqueue(watching, request, p, (int)transaction.Block.Length);
                foreach (var (_, frame) in transaction.Revocations)
                    EnqueueInternal(watching, frame);
            }
            else
            {
                Send(request, p, (int)transaction.Block.Length);
                Revoke(transaction);
            }
        }

        return true;
    }

    // Whether keys are watched in another slot than that of the commands.
    private static bool IsWatchedApart(Client client, Transaction transaction) =>
        client.IsWatching && (client.Watching!.Count > 1 || (transaction.Slot >= 0 && transaction.Slot != client.Watching[0].WatchedSlot));

    private bool Watch(Client client, CommandInfo command, in Arguments request)
    {
        if (_options.Transactions == Transactions.OneSlot && SlotOf(client, command, request, out _) < 0)
            return true;
        var keys = request.Count - 1;
        var pieces = _pieces.TryPop(out var free) ? free : new Pieces();
        pieces.Reset(keys, keys);
        var count = Group(request, 1, keys, pieces);
        if (!MayWatch(client, command, count))
        {
            _pieces.Push(pieces);
            return true;
        }

        (pieces.Count, pieces.Owed, pieces.Merge) = (count, count + 1, Commands.Merge.First);
        var parent = Begin(client, command, -1, RequestFlags.Parent | RequestFlags.Barrier | RequestFlags.ReadOnly);
        parent.Pieces = pieces;
        client.IsHeld = true;
        for (var piece = 0; piece < count; piece++)
        {
            MakeFrame(request, command, 1, keys, pieces, piece, count);
            var child = Piece(parent, command, piece, _slotOfPiece[piece]);
            child.Flags |= RequestFlags.Private;
            fixed (byte* p = _frame.WrittenSpan)
            {
                if (!TryPrivately(child, p, _frame.WrittenCount))
                    Park(child, p, _frame.WrittenCount, "CLUSTERDOWN the server that owns the hash slot can not be reached");
            }
        }

        PieceDone(parent);
        return true;
    }

    private bool MayWatch(Client client, CommandInfo command, int slots)
    {
        var more = 0;
        for (var i = 0; i < slots; i++)
            more += WatchingOf(client, _slotOfPiece[i]) is null ? 1 : 0;
        if (more > 0 && client.IsWatching && _options.Transactions == Transactions.OneSlot)
        {
            Answer(client, command, ReplyText.CrossSlotInTransaction);
            return false;
        }

        return more == 0 || MayAcquire(client, more);
    }

    private static Upstream? WatchingOf(Client client, int slot) => client.Watching?.Find(u => u.WatchedSlot == slot);

    private static void StopWatching(Client client, Upstream upstream)
    {
        (upstream.WatchedSlot, upstream.Watches, upstream.EndsWatch) = (-1, false, false);
        client.Watching?.Remove(upstream);
    }

    private void Unwatch(Client client)
    {
        client.HasLostWatch = false;
        foreach (var upstream in client.Watching?.ToArray() ?? [])
        {
            StopWatching(client, upstream);
            EnqueueInternal(upstream, "*1\r\n$7\r\nUNWATCH\r\n"u8);
            Release(upstream);
        }
    }
}
