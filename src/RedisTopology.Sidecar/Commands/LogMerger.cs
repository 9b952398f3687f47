using System.Text;

namespace RedisTopology.Sidecar.Commands;

/// <summary>Makes one log of those of several servers. What stands in it is passed on as it came.</summary>
internal static class LogMerger
{
    /// <summary>How many entries a request asks for, as servers take it: ten when it does not say, all with -1.</summary>
    /// <param name="count">The argument; empty when there is none.</param>
    /// <returns>The number.</returns>
    public static int Limit(ReadOnlySpan<byte> count) =>
        count.IsEmpty ? 10 : System.Buffers.Text.Utf8Parser.TryParse(count, out int limit, out var length) && length == count.Length && limit >= 0 ? limit : int.MaxValue;

    /// <summary>Writes the merged reply.</summary>
    /// <param name="kind"><see cref="Merge.Newest"/>, <see cref="Merge.ByTime"/> or <see cref="Merge.Events"/>.</param>
    /// <param name="replies">Whole replies, none of them an error.</param>
    /// <param name="limit">How many entries there may be, for <see cref="Merge.Newest"/>.</param>
    /// <param name="writer">Receives the reply.</param>
    public static void Write(Merge kind, IEnumerable<ReadOnlyMemory<byte>> replies, int limit, ReplyWriter writer)
    {
        var entries = replies.SelectMany(Items).ToList();
        entries = kind switch
        {
            // Number, time and more; the time in whole seconds.
            Merge.Newest => [.. entries.OrderByDescending(e => Number(e, 1)).ThenByDescending(e => Number(e, 0)).Take(limit)],
            Merge.ByTime => [.. entries.OrderBy(e => Number(e, 0))],
            _ => [.. entries.GroupBy(e => Encoding.Latin1.GetString(ReplyScan.Content(Items(e)[0].Span))).Select(g => Latest([.. g]))],
        };
        writer.Array(entries.Count);
        foreach (var entry in entries)
            writer.Raw(entry.Span);
    }

    // Name, time, latest, greatest; newer servers add sum and count.
    private static ReadOnlyMemory<byte> Latest(ReadOnlyMemory<byte>[] entries)
    {
        if (entries.Length == 1)
            return entries[0];
        var newest = Items(entries.MaxBy(e => Number(e, 1)));
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        var writer = new ReplyWriter(output, 2);
        writer.Array(newest.Count);
        for (var i = 0; i < newest.Count; i++)
        {
            if (i < 3)
                writer.Raw(newest[i].Span);
            else
                writer.Number(i == 3 ? entries.Max(e => Number(e, 3)) : entries.Sum(e => Number(e, i)));
        }

        return output.WrittenMemory;
    }

    private static long Number(ReadOnlyMemory<byte> entry, int at) => Items(entry) is var items && at < items.Count ? ReplyScan.Header(items[at].Span).Number : 0;

    private static List<ReadOnlyMemory<byte>> Items(ReadOnlyMemory<byte> array)
    {
        var (type, count, at) = ReplyScan.Header(array.Span);
        var items = new List<ReadOnlyMemory<byte>>();
        for (var i = 0; type == '*' && i < count; i++)
        {
            var length = ReplyScan.Length(array.Span[at..]);
            items.Add(array.Slice(at, length));
            at += length;
        }

        return items;
    }
}
