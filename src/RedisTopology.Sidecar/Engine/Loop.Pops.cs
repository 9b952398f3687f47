using System.Buffers.Text;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// BLPOP, BRPOP, BZPOPMIN and BZPOPMAX whose keys are in several slots: no server can wait for all of them, so they are asked in turn without waiting, until one has something. As on one server
/// the first of them that has something gives one element. Between rounds there is a pause of 10 ms, later of up to 100 ms.
/// </summary>
internal sealed unsafe partial class Loop
{
    private readonly List<(Request Parent, SpreadPop Pop)> _pops = [];

    private static bool IsSpreadPop(CommandInfo command, in Arguments request)
    {
        if (command.Name is not ("BLPOP" or "BRPOP" or "BZPOPMIN" or "BZPOPMAX"))
            return false;
        var slot = HashSlot.Of(request[1]);
        for (var i = 2; i < request.Count - 1; i++)
        {
            if (HashSlot.Of(request[i]) != slot)
                return true;
        }

        return false;
    }

    private bool BySpreadPop(Client client, CommandInfo command, in Arguments request)
    {
        if (!Utf8Parser.TryParse(request[request.Count - 1], out double seconds, out var used) || used != request[request.Count - 1].Length || !(Math.Abs(seconds) < 1e12))
            return Refuse(client, "ERR timeout is not a float or out of range");
        if (seconds < 0)
            return Refuse(client, "ERR timeout is negative");
        var keys = new byte[request.Count - 2][];
        for (var i = 0; i < keys.Length; i++)
            keys[i] = request[i + 1].ToArray();
        // The same without waiting has the same name without its B.
        var ask = CommandTable.Find(System.Text.Encoding.ASCII.GetBytes(command.Name[1..]))!;
        var pop = new SpreadPop(ask, keys, seconds == 0 ? long.MaxValue : _now + (long)Math.Ceiling(seconds * 1000));
        var parent = Begin(client, command, -1, RequestFlags.Parent | RequestFlags.Barrier | RequestFlags.Unsized);
        var pieces = _pieces.TryPop(out var free) ? free : new Pieces();
        pieces.Reset(1, 0);
        pieces.Step = p => TakeAnswer(p, pop);
        parent.Pieces = pieces;
        (client.IsHeld, client.IsWaiting) = (true, true);
        _pops.Add((parent, pop));
        AskNext(parent, pop);
        return true;
    }

    private void AskNext(Request parent, SpreadPop pop)
    {
        if (parent.Client is null)
        {
            EndPop(parent, []);
            return;
        }

        if (pop.Next == pop.Keys.Length)
        {
            if (_now >= pop.Until)
                EndPop(parent, ReplyText.NilArray(parent.Client.State.Protocol));
            else
                pop.Rest(_now);
            return;
        }

        var key = pop.Keys[pop.Next];
        _frame.ResetWrittenCount();
        Header((byte)'*', 2);
        Bulk(System.Text.Encoding.ASCII.GetBytes(pop.Ask.Name));
        Bulk(key);
        parent.Pieces!.Owed = 1;
        var child = Piece(parent, pop.Ask, 0, HashSlot.Of(key));
        fixed (byte* p = _frame.WrittenSpan)
            Send(child, p, _frame.WrittenCount);
    }

    private void TakeAnswer(Request parent, SpreadPop pop)
    {
        var child = parent.Pieces!.Replies[0]!;
        parent.Pieces.Replies[0] = null;
        var reply = ReplyOf(child);
        if (reply.StartsWith("$-1"u8) || reply.StartsWith("*-1"u8) || reply.StartsWith("*0"u8) || reply[0] == '_')
        {
            Free(child);
            pop.Next++;
            AskNext(parent, pop);
            return;
        }

        _frame.ResetWrittenCount();
        if (reply[0] != '-')
        {
            // A member and its score come in an array of their own.
            var isPair = reply[0] == '*';
            Header((byte)'*', isPair ? 3 : 2);
            Bulk(pop.Keys[pop.Next]);
            reply = isPair ? reply[(reply.IndexOf((byte)'\n') + 1)..] : reply;
        }

        Write(reply);
        Free(child);
        EndPop(parent, _frame.WrittenSpan);
    }

    private void EndPop(Request parent, ReadOnlySpan<byte> reply)
    {
        _pops.RemoveAt(_pops.FindIndex(p => p.Parent == parent));
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
        for (var i = _pops.Count - 1; i >= 0; i--)
        {
            var (parent, pop) = _pops[i];
            if (_now < pop.NextRound && (parent.Client is not null || pop.NextRound == long.MaxValue))
                continue;
            pop.Begin();
            AskNext(parent, pop);
        }
    }

    private void Bulk(ReadOnlySpan<byte> bytes)
    {
        Header((byte)'$', bytes.Length);
        Write(bytes);
        Write("\r\n"u8);
    }
}
