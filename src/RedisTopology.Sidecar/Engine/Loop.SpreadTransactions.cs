using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Keys;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// EXEC over several slots: a transaction for each. Without WATCH all are sent at once. With it the slots that are watched come first, one after the other, and the server looks at each slot's keys in
/// the same step in which it executes that slot's commands; the others follow when all of those have been executed. So with one watched slot nothing is done when its keys have changed. With
/// several, all are looked at before the first is executed, and a change after that leaves done what came before it: the commands that were not executed say so.
/// </summary>
internal sealed unsafe partial class Loop
{
    private static ReadOnlySpan<byte> NotExecuted => "-EXECABORT a watched key has changed after other slots' commands of the transaction were executed: this one was not\r\n"u8;

    private void ExecuteApart(Client client, CommandInfo command, Transaction transaction)
    {
        var queued = transaction.Queued;
        var watching = client.Watching?.Count ?? 0;
        var pieces = _pieces.TryPop(out var free) ? free : new Pieces();
        pieces.Reset(queued.Count + watching, queued.Count);
        var exec = new SpreadExec(transaction, watching);
        _split++;
        var count = 0;
        for (var i = 0; i < watching; i++)
            PieceOf(client.Watching![i].WatchedSlot, ref count);
        // A command without keys goes with the one before it.
        var slot = transaction.Slot < 0 ? client.Watching![0].WatchedSlot : transaction.Slot;
        for (var i = 0; i < queued.Count; i++)
        {
            slot = queued[i].Slot < 0 ? slot : queued[i].Slot;
            pieces.PieceOfKey[i] = PieceOf(slot, ref count);
        }

        for (var i = 0; i < count; i++)
            exec.Slots.Add(_slotOfPiece[i]);
        (pieces.Count, pieces.Merge, pieces.Finish) = (count, Commands.Merge.None, p => FinishExec(p, exec));
        var parent = Begin(client, command, -1, RequestFlags.Parent | RequestFlags.Unsized | (watching > 0 ? RequestFlags.Barrier : RequestFlags.None));
        parent.Pieces = pieces;
        Revoke(transaction);
        if (watching == 0)
        {
            ExecuteRest(parent, exec, execute: true);
            return;
        }

        client.IsHeld = true;
        if (watching > 1)
            LookAtWatched(parent, exec);
        else
            ExecuteWatched(parent, exec);
    }

    // A server marks a connection whose watched keys have changed.
    private void LookAtWatched(Request parent, SpreadExec exec)
    {
        var pieces = parent.Pieces!;
        var ask = CommandTable.Find("CLIENT"u8)!.Subcommands!.Find("INFO"u8)!;
        pieces.Owed = exec.Watched + 1;
        pieces.Step = p => TakeLooks(p, exec);
        for (var i = 0; i < exec.Watched; i++)
        {
            var child = Piece(parent, ask, i, exec.Slots[i]);
            child.Flags |= RequestFlags.ReadOnly;
            SendWatched(child, "*2\r\n$6\r\nCLIENT\r\n$4\r\nINFO\r\n"u8);
        }

        PieceDone(parent);
    }

    private void TakeLooks(Request parent, SpreadExec exec)
    {
        var pieces = parent.Pieces!;
        var changed = false;
        for (var i = 0; i < exec.Watched; i++)
        {
            changed |= ReplyScan.IsNull(ReplyOf(pieces.Replies[i]!)) || IsMarked(ReplyOf(pieces.Replies[i]!));
            Free(pieces.Replies[i]!);
            pieces.Replies[i] = null;
        }

        if (changed || parent.Client is null)
            AbandonExec(parent, ReplyText.NilArray(parent.Client?.State.Protocol ?? 2));
        else
            ExecuteWatched(parent, exec);
    }

    private static bool IsMarked(ReadOnlySpan<byte> info)
    {
        var flags = info[(info.IndexOf(" flags="u8) + 1)..];
        return flags[..Math.Max(0, flags.IndexOf((byte)' '))].Contains((byte)'d');
    }

    private void ExecuteWatched(Request parent, SpreadExec exec)
    {
        var pieces = parent.Pieces!;
        (pieces.Owed, pieces.Step) = (1, p => TakeWatched(p, exec));
        var child = Piece(parent, parent.Command!, exec.Next, exec.Slots[exec.Next]);
        MakeBlock(exec.Transaction, pieces, child);
        if (child.Leading == 1)
            child.Flags |= RequestFlags.ReadOnly;
        SendWatched(child, _frame.WrittenSpan);
    }

    private void SendWatched(Request child, ReadOnlySpan<byte> frame)
    {
        child.Flags |= RequestFlags.Private;
        if (OwnerOf(child) is not { } client || WatchingOf(client, child.Slot) is not { } upstream)
        {
            // Lost meanwhile: as if its keys had changed.
            Complete(child, ReplyText.NilArray(OwnerOf(child)?.State.Protocol ?? 2));
            return;
        }

        if (child.Leading > 0)
            (upstream.EndsWatch, upstream.Watches) = (true, false);
        fixed (byte* p = frame)
            Enqueue(upstream, child, p, frame.Length);
    }

    private void TakeWatched(Request parent, SpreadExec exec)
    {
        var pieces = parent.Pieces!;
        var child = pieces.Replies[exec.Next]!;
        var reply = ReplyOf(child);
        if (reply[0] == '*' && !ReplyScan.IsNull(reply))
        {
            exec.HasExecuted |= child.Leading > 1;
            if (++exec.Next < exec.Watched)
                ExecuteWatched(parent, exec);
            else
                ExecuteRest(parent, exec, execute: true);
            return;
        }

        if (!exec.HasExecuted)
        {
            AbandonExec(parent, reply.ToArray());
            return;
        }

        if (!ReplyScan.IsNull(reply))
        {
            // What it says is told by each of its commands.
            exec.Next++;
        }
        else
        {
            Free(child);
            pieces.Replies[exec.Next] = null;
        }

        ExecuteRest(parent, exec, execute: false);
    }

    private void ExecuteRest(Request parent, SpreadExec exec, bool execute)
    {
        var pieces = parent.Pieces!;
        (pieces.Owed, pieces.Step) = (pieces.Count - exec.Next + 1, null);
        for (var piece = exec.Next; piece < pieces.Count; piece++)
        {
            var child = Piece(parent, parent.Command!, piece, exec.Slots[piece]);
            if (!execute || parent.Client is null)
            {
                Complete(child, NotExecuted);
                continue;
            }

            MakeBlock(exec.Transaction, pieces, child);
            fixed (byte* p = _frame.WrittenSpan)
                Send(child, p, _frame.WrittenCount);
        }

        PieceDone(parent);
    }

    // Nothing has been executed.
    private void AbandonExec(Request parent, ReadOnlySpan<byte> reply)
    {
        var pieces = parent.Pieces!;
        for (var i = 0; i < pieces.Count; i++)
        {
            if (pieces.Replies[i] is { } child)
                Free(child);
            pieces.Replies[i] = null;
        }

        if (parent.Client is { } client)
            Unwatch(client);
        Complete(parent, reply);
    }

    private void FinishExec(Request parent, SpreadExec exec)
    {
        MergeExec(parent, exec.Transaction.Parts);
        Revoke(exec.Transaction);
        if (parent.Client is { IsWatching: true } client)
            Unwatch(client);
    }

    private void MakeBlock(Transaction transaction, Pieces pieces, Request child)
    {
        child.Before = child.Leading = 1;
        _frame.ResetWrittenCount();
        Write(Multi);
        var begin = Multi.Length;
        for (var i = 0; i < transaction.Queued.Count; i++)
        {
            var end = transaction.Queued[i].End;
            if (pieces.PieceOfKey[i] == child.Part)
            {
                child.Before = ++child.Leading;
                Write(transaction.Block.GetBuffer().AsSpan(begin, end - begin));
                if (transaction.KeyReplies.Count > 0 && transaction.KeyReplies.Exists(k => k != KeyReply.None))
                    (child.KeyReplies ??= []).Add(transaction.KeyReplies[i]);
            }

            begin = end;
        }

        Write(Exec);
    }

    // The replies in the order of the commands. A part that failed tells each of its commands why: the others have been executed.
    private void MergeExec(Request parent, List<QueuedParts> parts)
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

        HeaderTo(_merged, (byte)'*', pieces.Keys - parts.Sum(p => p.Count - 1));
        for (var (i, next) = (0, 0); i < pieces.Keys; i++)
        {
            var reply = pieces.Replies[pieces.PieceOfKey[i]]!;
            if (next < parts.Count && parts[next].First == i)
            {
                MergeParts(pieces, failed, parts[next]);
                i += parts[next++].Count - 1;
            }
            else if (failed[pieces.PieceOfKey[i]])
            {
                Put(_merged, ReplyOf(reply));
            }
            else
            {
                PutNext(reply);
            }
        }
    }
}
