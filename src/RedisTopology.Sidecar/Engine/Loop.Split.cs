using System.Buffers;
using System.Buffers.Text;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Engine;

/// <summary>Commands that go to several servers, and their replies that become one.</summary>
internal sealed unsafe partial class Loop
{
    // Fewer pieces than this are looked through one by one: a look by slot is a cache miss for each key.
    private const int FewPieces = 32;

    // For more. By slot: the number of the last request that had keys of it, above; its piece of that request, below.
    private readonly long[] _pieceIn = new long[HashSlot.Count];
    private ArrayBufferWriter<byte> _frame = new(4096), _merged = new(4096);
    private uint _split;
    private int[] _slotOfPiece = new int[64], _keysOfPiece = new int[64];

    private bool BySplit(Client client, CommandInfo command, in Arguments request)
    {
        if (command.Merge == Commands.Merge.InTurn)
            return ByTurns(client, command, request);
        var step = command.KeyStep;
        if ((request.Count - 1) % step != 0)
            return Refuse(client, $"ERR wrong number of arguments for '{command.Name.ToLowerInvariant()}' command");
        if (_population is not null && command.Merge == Commands.Merge.ByKey && TryGetMany(client, command, request))
            return true;
        var keys = (request.Count - 1) / step;
        var pieces = _pieces.TryPop(out var free) ? free : new Pieces();
        pieces.Reset(keys, keys);
        var count = Group(request, step, keys, pieces);
        if (count == 1)
        {
            _pieces.Push(pieces);
            return BySlot(client, command, request);
        }

        if (command.IsWrite && OvertakesReads(client, count))
        {
            _pieces.Push(pieces);
            return WaitForLine(client);
        }

        (pieces.Count, pieces.Owed, pieces.Merge) = (count, count, command.Merge);
        var parent = Begin(client, command, -1, RequestFlags.Parent | RequestFlags.Unsized | (command.IsReadOnly ? RequestFlags.ReadOnly : RequestFlags.None));
        parent.Pieces = pieces;
        // A piece that can not be sent at all is answered at once, and the last of them ends the parent: it is kept until all have been sent.
        pieces.Owed++;
        for (var piece = 0; piece < count; piece++)
        {
            MakeFrame(request, command, step, keys, pieces, piece, count);
            var child = Piece(parent, command, piece, _slotOfPiece[piece]);
            SendRevoking(child, command, _frame.WrittenSpan, client.State.Protocol);
        }

        PieceDone(parent);
        return true;
    }

    private bool ByTurns(Client client, CommandInfo command, in Arguments request)
    {
        if (!IsSpread(command, request))
            return BySlot(client, command, request);
        return client.Head is not null ? WaitForLine(client) : BySpreadPop(client, command, request);
    }

    private bool OvertakesReads(Client client, int pieces)
    {
        for (var i = 0; i < pieces; i++)
        {
            if (OvertakesRead(client, _slotOfPiece[i]))
                return true;
        }

        return false;
    }

    // Which keys go together: one piece per slot, in the order in which slots are first met.
    private int Group(in Arguments request, int step, int keys, Pieces pieces)
    {
        var count = 0;
        _split++;
        for (var key = 0; key < keys; key++)
        {
            var piece = PieceOf(HashSlot.Of(request[1 + (key * step)]), ref count);
            pieces.PieceOfKey[key] = piece;
            _keysOfPiece[piece]++;
        }

        return count;
    }

    private int PieceOf(int slot, ref int count)
    {
        if (count < FewPieces)
            return _slotOfPiece.AsSpan(0, count).IndexOf(slot) is var found and >= 0 ? found : AddPiece(slot, ref count);
        var last = _pieceIn[slot];
        return (uint)(last >> 32) == _split ? (int)last : AddPiece(slot, ref count);
    }

    private int AddPiece(int slot, ref int count)
    {
        if (count == _slotOfPiece.Length)
        {
            Array.Resize(ref _slotOfPiece, count * 2);
            Array.Resize(ref _keysOfPiece, count * 2);
        }

        (_slotOfPiece[count], _keysOfPiece[count]) = (slot, 0);
        count++;
        // From here on all are found by slot.
        for (var piece = count == FewPieces ? 0 : count - 1; count >= FewPieces && piece < count; piece++)
            _pieceIn[_slotOfPiece[piece]] = ((long)_split << 32) | (uint)piece;
        return count - 1;
    }

    // No longer than the request it is a piece of.
    private void MakeFrame(in Arguments request, CommandInfo command, int step, int keys, Pieces pieces, int piece, int count)
    {
        _frame.ResetWrittenCount();
        var span = _frame.GetSpan(request.Frame.Length);
        var at = Header(span, (byte)'*', 1 + (_keysOfPiece[piece] * step));
        at += Header(span[at..], (byte)'$', command.Name.Length);
        request[0].CopyTo(span[at..]);
        at += request[0].Length;
        "\r\n"u8.CopyTo(span[at..]);
        at += 2;
        // With as many pieces as keys each key is its own piece: the usual case needs no search.
        for (var key = count == keys ? piece : 0; key < keys; key++)
        {
            if (pieces.PieceOfKey[key] != piece)
                continue;
            var first = request.Span(key * step);
            var last = request.Span((key + 1) * step);
            var part = request.Frame[(first.Start + first.Length + 2)..(last.Start + last.Length + 2)];
            part.CopyTo(span[at..]);
            at += part.Length;
            if (count == keys)
                break;
        }

        _frame.Advance(at);
    }

    private Request Piece(Request parent, CommandInfo command, int number, int slot)
    {
        var child = Rent();
        child.Command = command;
        child.Parent = parent;
        child.Part = number;
        child.Slot = slot;
        child.Started = parent.Started;
        child.Sequence = parent.Sequence;
        child.Flags = parent.Flags & (RequestFlags.ReadOnly | RequestFlags.MasterOnly);
        if ((command.IsWrite || command.Name == "EXEC") && slot >= 0)
        {
            child.Flags |= RequestFlags.Writing;
            _writing[slot]++;
        }

        return child;
    }

    // One piece has its reply, which it keeps until all have theirs.
    private void CompletePiece(Request child)
    {
        var parent = child.Parent!;
        parent.Pieces!.Replies[child.Part] = child;
        PieceDone(parent);
    }

    private void PieceDone(Request parent)
    {
        var pieces = parent.Pieces!;
        if (--pieces.Owed > 0)
            return;
        if (pieces.Step is { } step)
        {
            step(parent);
            return;
        }

        // FLUSHALL and its like.
        if (parent.Has(RequestFlags.Barrier) && parent.Command!.Route != Route.Transaction)
            WroteEverywhere();
        _merged.ResetWrittenCount();
        if (parent.Client is not null)
        {
            if (pieces.Finish is { } finish)
                finish(parent);
            else if (pieces.Merge is not (Commands.Merge.AnySuccess or Commands.Merge.Info or Commands.Merge.Receivers) && FirstError(pieces, pieces.Count) is { } failed)
                Put(_merged, ReplyOf(failed));
            else
                Merge(pieces, parent.Client.State.Protocol);
        }

        for (var i = 0; i < pieces.Count; i++)
        {
            if (pieces.Replies[i] is { } child)
                Free(child);
            pieces.Replies[i] = null;
        }

        fixed (byte* p = _merged.WrittenSpan)
            Complete(parent, p, _merged.WrittenCount);
    }

    private void WroteEverywhere()
    {
        for (var slot = 0; slot < HashSlot.Count; slot++)
            _shared.Writes.Wrote(slot, Math.Max(_heard, _now));
        foreach (var shard in _map.Shards)
        {
            if (shard.Master is { } master)
                master.WroteAt = _now;
        }
    }

    private static ReadOnlySpan<byte> ReplyOf(Request request) => new(request.Reply!.Data + request.ReplyOffset, request.ReplyLength);

    private static Request? FirstError(Pieces pieces, int count)
    {
        for (var i = 0; i < count; i++)
        {
            if (pieces.Replies[i] is { } reply && reply.Reply!.Data[reply.ReplyOffset] == '-')
                return reply;
        }

        return null;
    }

    private void Merge(Pieces pieces, int protocol)
    {
        switch (pieces.Merge)
        {
            case Commands.Merge.Sum:
                MergeSum(pieces);
                return;
            case Commands.Merge.Receivers when ReplyOf(pieces.Replies[0]!) is var published && published[0] != ':':
                Put(_merged, published);
                return;
            case Commands.Merge.Receivers:
                MergeSum(pieces);
                return;
            case Commands.Merge.ByKey:
                MergeByKey(pieces);
                return;
            case Commands.Merge.First:
                Put(_merged, ReplyOf(pieces.Replies[0]!));
                return;
            default:
                MergeRarely(pieces, protocol);
                return;
        }
    }

    private void MergeSum(Pieces pieces)
    {
        var sum = 0L;
        for (var i = 0; i < pieces.Count; i++)
            sum += AsciiText.LastInteger(ReplyOf(pieces.Replies[i]!));
        HeaderTo(_merged, (byte)':', sum);
    }

    private void MergeRarely(Pieces pieces, int protocol)
    {
        var replies = new ReadOnlyMemory<byte>[pieces.Count];
        // Each begins somewhere else: RANDOMKEY takes the first it finds.
        for (var (i, start) = (0, (int)(_turn++ % (uint)pieces.Count)); i < replies.Length; i++)
            replies[i] = ReplyOf(pieces.Replies[(start + i) % replies.Length]!).ToArray();
        if (pieces.Merge == Commands.Merge.Info)
            InfoMerger.Write(replies, _shared.Local.InfoSections(), new ReplyWriter(_merged, protocol));
        else if (pieces.Merge == Commands.Merge.Settings)
            LocalCommands.WriteSettings(ServerSettings.Merged(replies, _shared.Local.OwnSettings()), new ReplyWriter(_merged, protocol));
        else if (pieces.Merge is Commands.Merge.Newest or Commands.Merge.ByTime or Commands.Merge.Events)
            LogMerger.Write(pieces.Merge, replies, pieces.Limit, new ReplyWriter(_merged, protocol));
        else
            ReplyMerger.Write(pieces.Merge, replies, [], protocol, _merged);
    }

    private void MergeByKey(Pieces pieces)
    {
        HeaderTo(_merged, (byte)'*', pieces.Keys);
        for (var key = 0; key < pieces.Keys; key++)
        {
            var reply = pieces.Replies[pieces.PieceOfKey[key]]!;
            if (pieces.Count == pieces.Keys && ReplyOf(reply) is var whole && whole.StartsWith("*1\r\n"u8))
            {
                Put(_merged, whole[4..]);
                continue;
            }

            // The elements of a reply follow its header, and are taken one by one.
            if (reply.Reply!.Data[reply.ReplyOffset] == '*')
                Skip(reply, ReplyOf(reply).IndexOf((byte)'\n') + 1);
            PutNext(reply);
        }
    }

    private void PutNext(Request reply) => Put(_merged, TakeNext(reply));

    private static ReadOnlySpan<byte> TakeNext(Request reply)
    {
        var scanner = ReplyScanner.Begin();
        var length = scanner.Advance(reply.Reply!.Data + reply.ReplyOffset, reply.ReplyLength);
        var next = ReplyOf(reply)[..length];
        Skip(reply, length);
        return next;
    }

    private static void Skip(Request reply, int length)
    {
        reply.ReplyOffset += length;
        reply.ReplyLength -= length;
    }

    private void Write(ReadOnlySpan<byte> bytes) => Put(_frame, bytes);

    private void Header(byte kind, int number) => HeaderTo(_frame, kind, number);

    private static void HeaderTo(ArrayBufferWriter<byte> writer, byte kind, long number) => writer.Advance(Header(writer.GetSpan(24), kind, number));

    private static int Header(Span<byte> span, byte kind, long number)
    {
        span[0] = kind;
        Utf8Formatter.TryFormat(number, span[1..], out var written);
        span[written + 1] = (byte)'\r';
        span[written + 2] = (byte)'\n';
        return written + 3;
    }

    private static void Put(ArrayBufferWriter<byte> writer, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(writer.GetSpan(bytes.Length));
        writer.Advance(bytes.Length);
    }
}
