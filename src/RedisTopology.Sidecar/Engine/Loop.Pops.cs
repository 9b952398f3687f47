using System.Buffers.Text;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// BLPOP, BRPOP, BZPOPMIN, BZPOPMAX, BLMPOP and BZMPOP whose keys are in several slots: no server can wait for all of them, so they are asked in turn without waiting, until one has something.
/// As on one server the first of them that has something gives it.
/// </summary>
internal sealed unsafe partial class Loop
{
    private readonly List<(Request Parent, SpreadWait Wait)> _spread = [];

    private bool IsSpread(CommandInfo command, in Arguments request)
    {
        if (command.Name is "BLMOVE" or "BRPOPLPUSH")
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
        var isMany = command.Keys == KeyRule.CountedSecond;
        var timeout = request[isMany ? 1 : request.Count - 1];
        if (!Utf8Parser.TryParse(timeout, out double seconds, out var used) || used != timeout.Length || !(Math.Abs(seconds) < 1e12))
            return Refuse(client, "ERR timeout is not a float or out of range");
        if (seconds < 0)
            return Refuse(client, "ERR timeout is negative");
        var positions = Keys(command, request, out var count);
        var keys = new byte[count][];
        for (var i = 0; i < count; i++)
            keys[i] = request[positions[i]].ToArray();
        byte[][]? options = isMany ? new byte[request.Count - count - 3][] : null;
        for (var i = 0; i < options?.Length; i++)
            options[i] = request[count + 3 + i].ToArray();
        // The same without waiting has the same name without its B.
        var ask = CommandTable.Find(System.Text.Encoding.ASCII.GetBytes(command.Name[1..]))!;
        var pop = new SpreadPop(ask, keys, options, seconds == 0 ? long.MaxValue : _now + (long)Math.Ceiling(seconds * 1000));
        AskNext(BeginSpread(client, command, pop, 1, p => TakeAnswer(p, pop)), pop);
        return true;
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

        if (pop.Next == pop.Keys.Length)
        {
            pop.Next = 0;
            FoundNothing(parent, parent.Client, pop);
            return;
        }

        var key = pop.Keys[pop.Next];
        _frame.ResetWrittenCount();
        Header((byte)'*', pop.Options is { } options ? 3 + options.Length : 2);
        Bulk(System.Text.Encoding.ASCII.GetBytes(pop.Ask.Name));
        if (pop.Options is not null)
            Bulk("1"u8);
        Bulk(key);
        foreach (var option in pop.Options ?? [])
            Bulk(option);
        parent.Pieces!.Owed = 1;
        var child = Piece(parent, pop.Ask, 0, HashSlot.Of(key));
        fixed (byte* p = _frame.WrittenSpan)
            Send(child, p, _frame.WrittenCount);
    }

    private void FoundNothing(Request parent, Client client, SpreadWait wait)
    {
        if (_now >= wait.Until)
            EndSpread(parent, ReplyText.NilArray(client.State.Protocol));
        else
            wait.Rest(_now);
    }

    private void TakeAnswer(Request parent, SpreadPop pop)
    {
        var child = parent.Pieces!.Replies[0]!;
        parent.Pieces.Replies[0] = null;
        var reply = ReplyOf(child);
        if (IsNothing(reply))
        {
            Free(child);
            pop.Next++;
            AskNext(parent, pop);
            return;
        }

        _frame.ResetWrittenCount();
        if (reply[0] != '-' && pop.Options is null)
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
