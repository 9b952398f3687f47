using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// XREAD and XREADGROUP of streams in several slots: each slot's are read by themselves, and what they give becomes one reply. With BLOCK they are read anew until one gives something, and "$"
/// is the last entry there is when the command comes.
/// </summary>
internal sealed unsafe partial class Loop
{
    private bool BySpreadRead(Client client, CommandInfo command, in Arguments request)
    {
        var positions = Keys(command, request, out var count);
        var options = new List<byte[]> { request[0].ToArray() };
        var until = 0L;
        for (var i = 1; i < positions[0] - 1; i++)
        {
            if (!request[i].Is("BLOCK"u8))
            {
                for (var end = i + BlockingCalls.Parameters(request[i]); i < end; i++)
                    options.Add(request[i].ToArray());
                options.Add(request[i].ToArray());
                continue;
            }

            if (!TryNumber(request[++i], out var timeout))
                return Refuse(client, "ERR timeout is not an integer or out of range");
            if (timeout < 0)
                return Refuse(client, "ERR timeout is negative");
            until = timeout == 0 || timeout > long.MaxValue - _now ? long.MaxValue : _now + timeout;
        }

        var (keys, ids) = (new byte[count][], new byte[count][]);
        for (var i = 0; i < count; i++)
            (keys[i], ids[i]) = (request[positions[i]].ToArray(), request[positions[i] + count].ToArray());
        var read = new SpreadRead(options, keys, ids, until);
        var parent = BeginSpread(client, command, read, count, p => TakeReads(p, read));
        if (until > 0 && command.Name == "XREAD" && Array.Exists(ids, id => id is [(byte)'$']))
            AskForLast(parent, read);
        else
            AskAll(parent, read);
        return true;
    }

    // "$" means another entry every time it is asked: it is looked up once.
    private void AskForLast(Request parent, SpreadRead read)
    {
        var pieces = parent.Pieces!;
        var ask = CommandTable.Find("XINFO"u8)!.Subcommands!.Find("STREAM"u8)!;
        pieces.Step = p => TakeLast(p, read);
        pieces.Owed = 1;
        for (var i = 0; i < read.Keys.Length; i++)
        {
            if (read.Ids[i] is not [(byte)'$'])
                continue;
            _frame.ResetWrittenCount();
            Header((byte)'*', 3);
            Write("$5\r\nXINFO\r\n$6\r\nSTREAM\r\n"u8);
            Bulk(read.Keys[i]);
            pieces.Owed++;
            var child = Piece(parent, ask, i, HashSlot.Of(read.Keys[i]));
            child.Flags |= RequestFlags.MasterOnly;
            fixed (byte* p = _frame.WrittenSpan)
                Send(child, p, _frame.WrittenCount);
        }

        PieceDone(parent);
    }

    private void TakeLast(Request parent, SpreadRead read)
    {
        var pieces = parent.Pieces!;
        byte[]? failed = null;
        for (var i = 0; i < read.Keys.Length; i++)
        {
            if (pieces.Replies[i] is not { } child)
                continue;
            var reply = ReplyOf(child);
            if (reply[0] != '-')
                read.Ids[i] = LastId(reply);
            else if (reply.StartsWith("-ERR no such key"u8))
                read.Ids[i] = "0-0"u8.ToArray();
            else
                failed ??= reply.ToArray();
            pieces.Replies[i] = null;
            Free(child);
        }

        pieces.Step = p => TakeReads(p, read);
        if (failed is null)
            AskAll(parent, read);
        else
            EndSpread(parent, failed);
    }

    // XINFO STREAM: names and values in turn, whichever the protocol.
    private static byte[] LastId(ReadOnlySpan<byte> reply)
    {
        var (_, _, at) = ReplyScan.Header(reply);
        while (at < reply.Length)
        {
            var name = ReplyScan.Content(reply[at..]);
            at += ReplyScan.Length(reply[at..]);
            if (name.SequenceEqual("last-generated-id"u8))
                return ReplyScan.Content(reply[at..]).ToArray();
            at += ReplyScan.Length(reply[at..]);
        }

        return "0-0"u8.ToArray();
    }

    private void AskAll(Request parent, SpreadRead read)
    {
        if (parent.Client is null)
        {
            EndSpread(parent, []);
            return;
        }

        if (read.Frames.Count == 0)
            MakeFrames(read);
        parent.Pieces!.Owed = read.Frames.Count + 1;
        for (var i = 0; i < read.Frames.Count; i++)
        {
            var (slot, frame) = read.Frames[i];
            var child = Piece(parent, parent.Command!, i, slot);
            fixed (byte* p = frame)
                Send(child, p, frame.Length);
        }

        PieceDone(parent);
    }

    private void MakeFrames(SpreadRead read)
    {
        var count = 0;
        _split++;
        for (var i = 0; i < read.Keys.Length; i++)
        {
            read.PieceOfKey[i] = PieceOf(HashSlot.Of(read.Keys[i]), ref count);
            _keysOfPiece[read.PieceOfKey[i]]++;
        }

        for (var piece = 0; piece < count; piece++)
        {
            _frame.ResetWrittenCount();
            Header((byte)'*', read.Options.Count + 1 + (2 * _keysOfPiece[piece]));
            foreach (var option in read.Options)
                Bulk(option);
            Bulk("STREAMS"u8);
            foreach (var words in (byte[][][])[read.Keys, read.Ids])
            {
                for (var i = 0; i < words.Length; i++)
                {
                    if (read.PieceOfKey[i] == piece)
                        Bulk(words[i]);
                }
            }

            read.Frames.Add((_slotOfPiece[piece], _frame.WrittenSpan.ToArray()));
        }
    }

    private void TakeReads(Request parent, SpreadRead read)
    {
        var pieces = parent.Pieces!;
        var found = JoinReads(pieces, read);
        // What a group was given is its consumer's from now on: it is not kept back because of another stream's error, which comes again next time.
        var failed = found == 0 || parent.Command!.IsReadOnly ? FirstError(pieces, read.Frames.Count) : null;
        var reply = failed is null ? _merged.WrittenSpan : ReplyOf(failed).ToArray();
        for (var i = 0; i < read.Frames.Count; i++)
        {
            Free(pieces.Replies[i]!);
            pieces.Replies[i] = null;
        }

        if (failed is null && found == 0 && parent.Client is { } client)
            FoundNothing(parent, client, read);
        else
            EndSpread(parent, reply);
    }

    // The streams that gave something, in the client's order. Each piece has its own in that order too.
    private int JoinReads(Pieces pieces, SpreadRead read)
    {
        _merged.ResetWrittenCount();
        var (found, isMap) = (0, false);
        for (var i = 0; i < read.Frames.Count; i++)
        {
            var reply = pieces.Replies[i]!;
            var (type, count, header) = ReplyScan.Header(ReplyOf(reply));
            if (type == '-')
                continue;
            var isNothing = IsNothing(ReplyOf(reply));
            found += isNothing ? 0 : (int)count;
            isMap |= type == '%';
            Skip(reply, isNothing ? reply.ReplyLength : header);
        }

        if (found == 0)
            return 0;
        HeaderTo(_merged, isMap ? (byte)'%' : (byte)'*', found);
        for (var key = 0; key < read.Keys.Length; key++)
        {
            var reply = pieces.Replies[read.PieceOfKey[key]]!;
            var rest = ReplyOf(reply);
            var pair = isMap ? 0 : "*2\r\n".Length;
            if (rest.IsEmpty || rest[0] == '-' || !ReplyScan.Content(rest[pair..]).SequenceEqual(read.Keys[key]))
                continue;
            PutNext(reply);
            if (isMap)
                PutNext(reply);
        }

        return found;
    }
}
