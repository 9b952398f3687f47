using System.Buffers.Text;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// BLPOP, BRPOP, BZPOPMIN, BZPOPMAX, BLMPOP and BZMPOP whose keys are in several slots: no server can wait for all of them, so they are asked in turn without waiting, until one has something.
/// As on one server the first of them that has something gives it. LMPOP and ZMPOP go through them once. Those of populated keys, and BLMOVE and BRPOPLPUSH to them, come this way too: what
/// is taken and the end of the leases are one step then, which no server can wait for.
/// </summary>
internal sealed unsafe partial class Loop
{
    private readonly List<(Request Parent, SpreadWait Wait)> _spread = [];

    private bool IsSpread(CommandInfo command, in Arguments request)
    {
        if (IsMove(command))
            return false;
        var keys = Keys(command, request, out var count);
        for (var i = 1; i < count; i++)
        {
            if (HashSlot.Of(request[keys[i]]) != HashSlot.Of(request[keys[0]]))
                return true;
        }

        return false;
    }

    private bool BySpreadPop(Client client, CommandInfo command, in Arguments request)
    {
        var until = 0L;
        var waits = command.Route == Route.Blocking;
        if (waits && !TryTimeout(client, request[command.Keys == KeyRule.CountedSecond ? 1 : request.Count - 1], out until))
            return true;
        var positions = Keys(command, request, out var count);
        if (command.Keys != KeyRule.Range && positions[count - 1] == request.Count - 1)
            return Refuse(client, "ERR syntax error");
        // The same without waiting has the same name without its B.
        var ask = waits ? CommandTable.Find(System.Text.Encoding.ASCII.GetBytes(command.Name[1..]))! : command;
        // Those with a number of keys tell which it was, and moves have one key to take from: their replies are given as they come.
        var tells = command.Keys != KeyRule.Range || IsMove(command);
        var keys = tells ? null : new byte[count][];
        var frames = new (int, byte[])[IsMove(command) ? 1 : count];
        for (var i = 0; i < frames.Length; i++)
        {
            var key = request[positions[i]];
            if (keys is not null)
                keys[i] = key.ToArray();
            WriteAsk(command, ask, request, positions[i], positions[count - 1]);
            frames[i] = (HashSlot.Of(key), Revoking(ask, _frame.WrittenSpan, client.State.Protocol, out _, ifTaken: true).ToArray());
        }

        var pop = new SpreadPop(ask, frames, keys, until);
        AskNext(BeginSpread(client, command, pop, 1, p => TakeAnswer(p, pop)), pop);
        return true;
    }

    private static bool IsMove(CommandInfo command) => command.Name is "BLMOVE" or "BRPOPLPUSH";

    private bool TryTimeout(Client client, ReadOnlySpan<byte> text, out long until)
    {
        until = 0;
        if (!Utf8Parser.TryParse(text, out double seconds, out var used) || used != text.Length || !(Math.Abs(seconds) < 1e12))
            Refuse(client, "ERR timeout is not a float or out of range");
        else if (seconds < 0)
            Refuse(client, "ERR timeout is negative");
        else
            until = seconds == 0 ? long.MaxValue : _now + (long)Math.Ceiling(seconds * 1000);
        return until > 0;
    }

    // What takes from one key without waiting: that key, and what stands behind all keys but the timeout.
    private void WriteAsk(CommandInfo command, CommandInfo ask, in Arguments request, int key, int lastKey)
    {
        var isCounted = command.Keys != KeyRule.Range;
        var (rest, end) = IsMove(command) ? (key + 1, request.Count - 1) : (lastKey + 1, isCounted ? request.Count : lastKey + 1);
        _frame.ResetWrittenCount();
        Header((byte)'*', 2 + (isCounted ? 1 : 0) + end - rest);
        Bulk(System.Text.Encoding.ASCII.GetBytes(ask.Name));
        if (isCounted)
            Bulk("1"u8);
        Bulk(request[key]);
        for (var i = rest; i < end; i++)
            Bulk(request[i]);
    }

    private Request BeginSpread(Client client, CommandInfo command, SpreadWait wait, int replies, Action<Request> step)
    {
        var parent = Begin(client, command, -1, RequestFlags.Parent | RequestFlags.Barrier | RequestFlags.Unsized | (command.IsReadOnly ? RequestFlags.ReadOnly : RequestFlags.None));
        var pieces = _pieces.TryPop(out var free) ? free : new Pieces();
        pieces.Reset(replies, 0);
        pieces.Step = step;
        parent.Pieces = pieces;
        (client.IsHeld, client.IsWaiting) = (true, true);
        _spread.Add((parent, wait));
        return parent;
    }

    private void AskNext(Request parent, SpreadPop pop)
    {
        if (parent.Client is null)
        {
            EndSpread(parent, []);
            return;
        }

        if (pop.Next == pop.Frames.Length)
        {
            pop.Next = 0;
            FoundNothing(parent, parent.Client, pop);
            return;
        }

        var (slot, frame) = pop.Frames[pop.Next];
        parent.Pieces!.Owed = 1;
        var child = Piece(parent, pop.Ask, 0, slot);
        fixed (byte* p = frame)
            Send(child, p, frame.Length);
    }

    private void FoundNothing(Request parent, Client client, SpreadWait wait)
    {
        if (wait.IsRefused)
            EndSpread(parent, Unblocked);
        else if (_now >= wait.Until)
            EndSpread(parent, ReplyText.NilArray(client.State.Protocol));
        else
            wait.Rest(_now);
    }

    private void TakeAnswer(Request parent, SpreadPop pop)
    {
        var child = parent.Pieces!.Replies[0]!;
        parent.Pieces.Replies[0] = null;
        var reply = ReplyOf(child);
        // What becomes a string or a set meanwhile is none of a waiting client's business.
        if (IsNothing(reply) || (pop.HasRested && reply.StartsWith("-WRONGTYPE"u8)))
        {
            Free(child);
            pop.Next++;
            AskNext(parent, pop);
            return;
        }

        _frame.ResetWrittenCount();
        if (reply[0] != '-' && pop.Keys is not null)
        {
            // A member and its score come in an array of their own.
            var isPair = reply[0] == '*';
            Header((byte)'*', isPair ? 3 : 2);
            Bulk(pop.Keys[pop.Next]);
            reply = isPair ? reply[(reply.IndexOf((byte)'\n') + 1)..] : reply;
        }

        Write(reply);
        Free(child);
        EndSpread(parent, _frame.WrittenSpan);
    }

    private static bool IsNothing(ReadOnlySpan<byte> reply) => reply[0] == '_' || reply.StartsWith("$-1"u8) || reply.StartsWith("*-1"u8) || reply.StartsWith("*0"u8);

    private void EndSpread(Request parent, ReadOnlySpan<byte> reply)
    {
        _spread.RemoveAt(_spread.FindIndex(s => s.Parent == parent));
        if (parent.Client is { } client)
        {
            client.IsWaiting = false;
            Complete(parent, reply);
        }
        else
        {
            Free(parent);
        }
    }

    // One that is being asked for at this moment ends with its round.
    private void UnblockSpread(Client client, bool error)
    {
        if (_spread.Find(s => s.Parent.Client == client) is not { Wait: { } wait, Parent: { } parent })
            return;
        wait.Unblock(error);
        if (wait.NextRound != long.MaxValue)
            FoundNothing(parent, client, wait);
    }

    private void AskAgain()
    {
        for (var i = _spread.Count - 1; i >= 0; i--)
        {
            var (parent, wait) = _spread[i];
            if (_now < wait.NextRound && (parent.Client is not null || wait.NextRound == long.MaxValue))
                continue;
            wait.Begin();
            if (wait is SpreadPop pop)
                AskNext(parent, pop);
            else
                AskAll(parent, (SpreadRead)wait);
        }
    }

    private void Bulk(ReadOnlySpan<byte> bytes)
    {
        Header((byte)'$', bytes.Length);
        Write(bytes);
        Write("\r\n"u8);
    }
}
