using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Keys;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Engine;

/// <summary>MSET, MGET, DEL and the like between MULTI and EXEC with keys in several slots: one for each slot is queued, and their replies become one. With <c>transactions: PerSlot</c>.</summary>
internal sealed unsafe partial class Loop
{
    // A part's own header and name, at most.
    private const int PartOverhead = 48;

    // True: it is queued. False: its keys share a slot, or it is none of those.
    private bool TryEnqueueParts(Client client, CommandInfo command, in Arguments request)
    {
        var step = command.KeyStep;
        if (_options.Transactions == Transactions.OneSlot || command.Merge == Commands.Merge.InTurn || (request.Count - 1) % step != 0)
            return false;
        var keys = (request.Count - 1) / step;
        var pieces = _pieces.TryPop(out var free) ? free : new Pieces();
        pieces.Reset(keys, keys);
        var count = Group(request, step, keys, pieces);
        if (count > 1)
            EnqueueParts(client, command, request, pieces, count);
        _pieces.Push(pieces);
        return count > 1;
    }

    private void EnqueueParts(Client client, CommandInfo command, in Arguments request, Pieces pieces, int count)
    {
        var transaction = client.Transaction!;
        if (IsTooLong(transaction, request.Frame.Length + (count * (long)PartOverhead)))
        {
            Refuse(client, TooLong);
            return;
        }

        transaction.Parts.Add(new(transaction.Queued.Count, count, command.Merge, pieces.PieceOfKey.AsSpan(0, pieces.Keys).ToArray()));
        for (var piece = 0; piece < count; piece++)
        {
            var slot = _slotOfPiece[piece];
            TryNoteSlot(transaction, slot);
            MakeFrame(request, command, command.KeyStep, pieces.Keys, pieces, piece, count);
            transaction.Block.Write(Revoking(command, _frame.WrittenSpan, client.State.Protocol, out var around));
            if (around is not null)
                transaction.Revocations.Add((slot, around));
            transaction.Queued.Add(((int)transaction.Block.Length, slot));
            if (_keys.IsKeyRange)
                transaction.KeyReplies.Add(KeyReplies.Of(command));
        }

        Answer(client, command, ReplyText.Queued);
    }

    // Each part's reply is the next of its slot's. An error of any is the whole reply, as outside of a transaction.
    private void MergeParts(Pieces pieces, ReadOnlySpan<bool> failed, QueuedParts parts)
    {
        var replies = new byte[parts.Count][];
        for (var i = 0; i < replies.Length; i++)
        {
            var piece = pieces.PieceOfKey[parts.First + i];
            var reply = pieces.Replies[piece]!;
            replies[i] = failed[piece] ? ReplyOf(reply).ToArray() : TakeNext(reply).ToArray();
        }

        if (Array.Find(replies, r => r[0] is (byte)'-' or (byte)'!') is { } error)
            Put(_merged, error);
        else if (parts.Merge == Commands.Merge.ByKey)
            PutByKey(replies, parts.PartOfKey);
        else if (parts.Merge == Commands.Merge.Sum)
            HeaderTo(_merged, (byte)':', replies.Sum(r => AsciiText.LastInteger(r)));
        else
            Put(_merged, replies[0]);
    }

    private void PutByKey(byte[][] replies, int[] partOfKey)
    {
        var at = Array.ConvertAll(replies, r => r.AsSpan().IndexOf((byte)'\n') + 1);
        HeaderTo(_merged, (byte)'*', partOfKey.Length);
        foreach (var part in partOfKey)
        {
            var rest = replies[part].AsSpan(at[part]);
            var length = ReplyScan.Length(rest);
            Put(_merged, rest[..length]);
            at[part] += length;
        }
    }
}
