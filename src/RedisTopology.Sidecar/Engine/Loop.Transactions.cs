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
        var slot = -1;
        if (route is Route.Slot or Route.Split or Route.Blocking)
        {
            slot = SlotOf(client, command, request, out var keyless);
            if (slot < 0 && !keyless)
                return true;
            if (!keyless && !TryNoteSlot(transaction, slot))
            {
                transaction.IsBroken = true;
                Answer(client, command, ReplyText.CrossSlot);
                return true;
            }
        }

        if (transaction.Block.Length + request.Frame.Length > MaxTransaction)
            return Refuse(client, $"ERR the transaction is longer than {MaxTransaction} bytes: split it");
        if (!command.IsReadOnly && (route == Route.Blocking || IsUnwrappable(command, request)))
            RevokeAround(transaction, command, request, slot);
        else
            transaction.Block.Write(Revoking(command, request.Frame, client.State.Protocol));
        transaction.Queued.Add(((int)transaction.Block.Length, slot));
        if (_keys.IsKeyRange)
            transaction.KeyReplies.Add(KeyReplies.Of(command));
        Answer(client, command, ReplyText.Queued);
        return true;
    }

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
        if (transaction.IsBroken || hasLost || transaction.Queued.Count == 0 || (client.Watching is not null && transaction.Slot >= 0 && (transaction.IsSpread || transaction.Slot != client.WatchedSlot)))
        {
            var crosses = !transaction.IsBroken && !hasLost && transaction.Queued.Count > 0;
            Unwatch(client);
            Answer(client, command, transaction.IsBroken ? ReplyText.Error("EXECABORT Transaction discarded because of previous errors.")
                : crosses ? ReplyText.CrossSlot
                : hasLost ? ReplyText.NilArray(client.State.Protocol) : "*0\r\n"u8);
            return true;
        }

        if (transaction.IsSpread)
        {
            Revoke(transaction);
            ExecuteApart(client, command, transaction);
            Revoke(transaction);
            return true;
        }

        transaction.Block.Write(Exec);
        var flags = RequestFlags.Writing | RequestFlags.Unsized;
        if (client.Watching is not null)
            flags |= RequestFlags.Private | RequestFlags.Barrier;
        var request = Begin(client, command, transaction.Slot >= 0 || client.Watching is null ? transaction.Slot : client.WatchedSlot, flags);
        request.Before = request.Leading = transaction.Queued.Count + 1;
        if (transaction.KeyReplies.Exists(k => k != KeyReply.None))
            request.KeyReplies = transaction.KeyReplies;
        Revoke(transaction);
        fixed (byte* p = transaction.Block.GetBuffer())
        {
            if (client.Watching is { } watching)
            {
                client.IsHeld = true;
                watching.EndsWatch = true;
                watching.Watches = false;
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

    // A transaction for each slot; a command without keys goes with the one before it.
    private void ExecuteApart(Client client, CommandInfo command, Transaction transaction)
    {
        var queued = transaction.Queued;
        var pieces = _pieces.TryPop(out var free) ? free : new Pieces();
        pieces.Reset(queued.Count, queued.Count);
        _split++;
        var (count, slot) = (0, transaction.Slot);
        for (var i = 0; i < queued.Count; i++)
        {
            slot = queued[i].Slot < 0 ? slot : queued[i].Slot;
            pieces.PieceOfKey[i] = PieceOf(slot, ref count);
            _keysOfPiece[pieces.PieceOfKey[i]]++;
        }

        (pieces.Count, pieces.Owed, pieces.Merge, pieces.Finish) = (count, count + 1, Commands.Merge.None, MergeExec);
        var parent = Begin(client, command, -1, RequestFlags.Parent | RequestFlags.Unsized);
        parent.Pieces = pieces;
        for (var piece = 0; piece < count; piece++)
        {
            var child = Piece(parent, command, piece, _slotOfPiece[piece]);
            child.Before = child.Leading = _keysOfPiece[piece] + 1;
            MakeBlock(transaction, pieces, child);
            fixed (byte* p = _frame.WrittenSpan)
                Send(child, p, _frame.WrittenCount);
        }

        PieceDone(parent);
    }

    private void MakeBlock(Transaction transaction, Pieces pieces, Request child)
    {
        _frame.ResetWrittenCount();
        Write(Multi);
        var begin = Multi.Length;
        for (var i = 0; i < transaction.Queued.Count; i++)
        {
            var end = transaction.Queued[i].End;
            if (pieces.PieceOfKey[i] == child.Part)
            {
                Write(transaction.Block.GetBuffer().AsSpan(begin, end - begin));
                if (transaction.KeyReplies.Count > 0 && transaction.KeyReplies.Exists(k => k != KeyReply.None))
                    (child.KeyReplies ??= []).Add(transaction.KeyReplies[i]);
            }

            begin = end;
        }

        Write(Exec);
    }

    // The replies in the order of the commands. A part that failed tells each of its commands why: the others have been executed.
    private void MergeExec(Request parent)
    {
        var pieces = parent.Pieces!;
        var failed = pieces.Count <= 256 ? stackalloc bool[pieces.Count] : new bool[pieces.Count];
        for (var i = 0; i < pieces.Count; i++)
        {
            var reply = ReplyOf(pieces.Replies[i]!);
            failed[i] = reply[0] != '*';
            if (!failed[i])
                Skip(pieces.Replies[i]!, reply.IndexOf((byte)'\n') + 1);
        }

        HeaderTo(_merged, (byte)'*', pieces.Keys);
        for (var i = 0; i < pieces.Keys; i++)
        {
            var reply = pieces.Replies[pieces.PieceOfKey[i]]!;
            if (failed[pieces.PieceOfKey[i]])
                Put(_merged, ReplyOf(reply));
            else
                PutNext(reply);
        }
    }

    private bool Watch(Client client, CommandInfo command, in Arguments request)
    {
        var slot = SlotOf(client, command, request, out _);
        if (slot < 0)
            return true;
        if (client.Watching is not null && client.WatchedSlot != slot)
        {
            Answer(client, command, ReplyText.CrossSlot);
            return true;
        }

        if (client.Watching is null && !MayAcquire(client))
            return true;
        client.WatchedSlot = slot;
        var made = Begin(client, command, slot, RequestFlags.Private | RequestFlags.Barrier | RequestFlags.ReadOnly);
        client.IsHeld = true;
        fixed (byte* p = request.Frame)
        {
            if (!TryPrivately(made, p, request.Frame.Length))
                Park(made, p, request.Frame.Length, "CLUSTERDOWN the server that owns the hash slot can not be reached");
        }

        return true;
    }

    private void Unwatch(Client client)
    {
        client.HasLostWatch = false;
        if (client.Watching is not { } upstream)
            return;
        client.Watching = null;
        upstream.Watches = false;
        EnqueueInternal(upstream, "*1\r\n$7\r\nUNWATCH\r\n"u8);
        Release(upstream);
    }
}
