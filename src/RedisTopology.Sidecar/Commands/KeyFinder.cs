using System.Buffers.Text;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Commands;

/// <summary>Where the keys of a request are: by the same rules as the server's, so that both hash the same arguments.</summary>
public static class KeyFinder
{
    /// <summary>Finds the keys of a request; for sharded pub/sub, the channels, which hash alike.</summary>
    /// <param name="command">The request's command.</param>
    /// <param name="request">The request; its number of arguments fits the command's arity.</param>
    /// <param name="positions">Receives the positions of the keys, in the order of the request's arguments but for STORE, which is last. As many as fit.</param>
    /// <returns>How many keys there are, be it more than fit; -1 when the request is malformed in a way that hides them: any server has the right error for it.</returns>
    public static int Find(CommandInfo command, in Arguments request, Span<int> positions) => command.Keys switch
    {
        KeyRule.None => 0,
        KeyRule.Range => Range(command, request.Count, positions),
        KeyRule.Pairs => request.Count % 2 == 0 ? -1 : Range(command, request.Count, positions),
        KeyRule.Counted => Counted(request, 1, 1, positions),
        KeyRule.CountedPairs => Counted(request, 1, 2, positions),
        KeyRule.CountedSecond => Counted(request, 2, 1, positions),
        KeyRule.Destination => Destination(request, positions),
        KeyRule.Streams => Streams(request, positions),
        KeyRule.Sort => Stored(request, SortStore(request), positions),
        KeyRule.GeoStore => Stored(request, GeoStore(request), positions),
        _ => throw new ArgumentOutOfRangeException(nameof(command)),
    };

    private static int Range(CommandInfo command, int arguments, Span<int> positions)
    {
        var last = command.LastKey < 0 ? arguments + command.LastKey : command.LastKey;
        return Fill(positions, command.FirstKey, last < command.FirstKey ? 0 : ((last - command.FirstKey) / command.KeyStep) + 1, command.KeyStep);
    }

    private static int Fill(Span<int> positions, int first, int count, int step)
    {
        for (var i = 0; i < Math.Min(count, positions.Length); i++)
            positions[i] = first + (i * step);
        return count;
    }

    private static int Number(in Arguments request, int at, int step)
    {
        var text = request[at];
        return Utf8Parser.TryParse(text, out int number, out var read) && read == text.Length && number >= 0 && number <= (request.Count - at - 1) / step ? number : -1;
    }

    private static int Counted(in Arguments request, int at, int step, Span<int> positions)
    {
        var count = Number(request, at, step);
        return count < 0 ? -1 : Fill(positions, at + 1, count, step);
    }

    private static int Destination(in Arguments request, Span<int> positions)
    {
        var count = Number(request, 2, 1);
        if (count < 0)
            return -1;
        Fill(positions, 1, 1, 1);
        return 1 + Fill(positions.IsEmpty ? positions : positions[1..], 3, count, 1);
    }

    private static int Streams(in Arguments request, Span<int> positions)
    {
        for (var i = 1; i < request.Count; i++)
        {
            var word = request[i];
            if (word.Is("STREAMS"u8))
            {
                var rest = request.Count - i - 1;
                return rest == 0 || rest % 2 != 0 ? -1 : Fill(positions, i + 1, rest / 2, 1);
            }

            if (word.Is("GROUP"u8))
                i += 2;
            else if (word.Is("BLOCK"u8) || word.Is("COUNT"u8) || word.Is("CLAIM"u8))
                i++;
            else if (!word.Is("NOACK"u8))
                return -1;
        }

        return -1;
    }

    private static int SortStore(in Arguments request)
    {
        var store = 0;
        for (var i = 2; i < request.Count; i++)
        {
            var word = request[i];
            if (word.Is("LIMIT"u8))
                i += 2;
            else if (word.Is("GET"u8) || word.Is("BY"u8))
                i++;
            else if (word.Is("STORE"u8) && i + 1 < request.Count)
                store = ++i;
        }

        return store;
    }

    private static int GeoStore(in Arguments request)
    {
        var store = 0;
        for (var i = 5; i + 1 < request.Count; i++)
        {
            if (request[i].Is("STORE"u8) || request[i].Is("STOREDIST"u8))
                store = ++i;
        }

        return store;
    }

    private static int Stored(in Arguments request, int store, Span<int> positions)
    {
        if (request.Count < 2)
            return -1;
        Fill(positions, 1, 1, 1);
        if (store == 0)
            return 1;
        Fill(positions.IsEmpty ? positions : positions[1..], store, 1, 1);
        return 2;
    }
}
