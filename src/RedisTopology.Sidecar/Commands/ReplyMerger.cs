using System.Buffers;
using System.Text;

namespace RedisTopology.Sidecar.Commands;

/// <summary>Makes one reply of several servers' replies to parts of one request, or to the same request.</summary>
public static class ReplyMerger
{
    private const string Unlike = "ERR the servers' replies do not fit together";

    /// <summary>
    /// Merges replies. An error of any server is the whole reply, the first of them in the order given; but see <see cref="Merge.AnySuccess"/>. Values are copied as they are: the
    /// servers must have been asked in the client's protocol.
    /// </summary>
    /// <param name="kind">How; <see cref="Merge.Info"/> is done by <see cref="InfoMerger"/>.</param>
    /// <param name="replies">One or more whole replies.</param>
    /// <param name="parts">For <see cref="Merge.ByKey"/>: for each key of the request in order, the index in <paramref name="replies"/> of the reply its value is in; the values of one
    /// reply are taken in their order. Else empty.</param>
    /// <param name="protocol">The client's, 2 or 3.</param>
    /// <param name="output">Receives the merged reply.</param>
    public static void Write(Merge kind, ReadOnlySpan<ReadOnlyMemory<byte>> replies, ReadOnlySpan<int> parts, int protocol, IBufferWriter<byte> output)
    {
        var writer = new ReplyWriter(output, protocol);
        if (kind == Merge.AnySuccess)
        {
            writer.Raw(FirstSuccess(replies));
            return;
        }

        foreach (var reply in replies)
        {
            if (IsError(reply.Span))
            {
                writer.Raw(reply.Span);
                return;
            }
        }

        switch (kind)
        {
            case Merge.First:
                writer.Raw(replies[0].Span);
                break;
            case Merge.FirstNotNil:
                writer.Raw(FirstNotNil(replies));
                break;
            case Merge.Sum:
                Sum(replies, writer);
                break;
            case Merge.Least:
                Least(replies, writer);
                break;
            case Merge.ByKey:
                ByKey(replies, parts, writer);
                break;
            case Merge.Concatenate:
                Concatenate(replies, writer);
                break;
            case Merge.Union:
                Union(replies, writer);
                break;
            case Merge.SumByName:
                SumByName(replies, writer);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind));
        }
    }

    internal static bool IsError(ReadOnlySpan<byte> reply) => reply[0] is (byte)'-' or (byte)'!';

    private static ReadOnlySpan<byte> FirstSuccess(ReadOnlySpan<ReadOnlyMemory<byte>> replies)
    {
        foreach (var reply in replies)
        {
            if (!IsError(reply.Span))
                return reply.Span;
        }

        return replies[0].Span;
    }

    private static ReadOnlySpan<byte> FirstNotNil(ReadOnlySpan<ReadOnlyMemory<byte>> replies)
    {
        foreach (var reply in replies)
        {
            if (!ReplyScan.IsNull(reply.Span))
                return reply.Span;
        }

        return replies[0].Span;
    }

    private static void Sum(ReadOnlySpan<ReadOnlyMemory<byte>> replies, ReplyWriter writer)
    {
        long sum = 0;
        foreach (var reply in replies)
        {
            var (type, number, _) = ReplyScan.Header(reply.Span);
            if (type != ':')
            {
                writer.Error(Unlike);
                return;
            }

            sum += number;
        }

        writer.Number(sum);
    }

    private static void Least(ReadOnlySpan<ReadOnlyMemory<byte>> replies, ReplyWriter writer)
    {
        var (type, count, _) = ReplyScan.Header(replies[0].Span);
        var least = new long[type == '*' ? count : 1];
        Array.Fill(least, long.MaxValue);
        foreach (var reply in replies)
        {
            var (thisType, thisCount, at) = ReplyScan.Header(reply.Span);
            if (thisType != type || (type == '*' && thisCount != count) || type is not ((byte)'*' or (byte)':'))
            {
                writer.Error(Unlike);
                return;
            }

            at = type == '*' ? at : 0;
            for (var i = 0; i < least.Length; i++)
            {
                var (_, number, length) = ReplyScan.Header(reply.Span[at..]);
                least[i] = Math.Min(least[i], number);
                at += length;
            }
        }

        if (type == '*')
            writer.Array(least.Length);
        foreach (var value in least)
            writer.Number(value);
    }

    private static void ByKey(ReadOnlySpan<ReadOnlyMemory<byte>> replies, ReadOnlySpan<int> parts, ReplyWriter writer)
    {
        const int OnStack = 128;
        var next = replies.Length <= OnStack ? stackalloc int[OnStack] : new int[replies.Length];
        for (var i = 0; i < replies.Length; i++)
        {
            var (type, count, length) = ReplyScan.Header(replies[i].Span);
            if (type != '*' || count != parts.Count(i))
            {
                writer.Error(Unlike);
                return;
            }

            next[i] = length;
        }

        writer.Array(parts.Length);
        foreach (var part in parts)
        {
            var rest = replies[part].Span[next[part]..];
            var length = ReplyScan.Length(rest);
            writer.Raw(rest[..length]);
            next[part] += length;
        }
    }

    private static void Concatenate(ReadOnlySpan<ReadOnlyMemory<byte>> replies, ReplyWriter writer)
    {
        long total = 0;
        foreach (var reply in replies)
        {
            var (type, count, _) = ReplyScan.Header(reply.Span);
            if (type is not ((byte)'*' or (byte)'~'))
            {
                writer.Error(Unlike);
                return;
            }

            total += Math.Max(count, 0);
        }

        if (replies[0].Span[0] == '~')
            writer.Set(checked((int)total));
        else
            writer.Array(checked((int)total));
        foreach (var reply in replies)
            writer.Raw(reply.Span[ReplyScan.Header(reply.Span).Length..]);
    }

    private static void Union(ReadOnlySpan<ReadOnlyMemory<byte>> replies, ReplyWriter writer)
    {
        // Latin-1 keeps any bytes as they are.
        var seen = new HashSet<string>();
        var values = new List<string>();
        foreach (var reply in replies)
        {
            var (_, count, at) = ReplyScan.Header(reply.Span);
            for (var i = 0; i < count; i++)
            {
                var length = ReplyScan.Length(reply.Span[at..]);
                var value = Encoding.Latin1.GetString(reply.Span.Slice(at, length));
                if (seen.Add(value))
                    values.Add(value);
                at += length;
            }
        }

        writer.Array(values.Count);
        foreach (var value in values)
            writer.Raw(Encoding.Latin1.GetBytes(value));
    }

    private static void SumByName(ReadOnlySpan<ReadOnlyMemory<byte>> replies, ReplyWriter writer)
    {
        var sums = new OrderedDictionary<string, long>();
        foreach (var reply in replies)
        {
            var (_, count, at) = ReplyScan.Header(reply.Span);
            for (var i = 0; i + 1 < count; i += 2)
            {
                var length = ReplyScan.Length(reply.Span[at..]);
                var name = Encoding.Latin1.GetString(reply.Span.Slice(at, length));
                var (_, number, numberLength) = ReplyScan.Header(reply.Span[(at + length)..]);
                sums[name] = sums.GetValueOrDefault(name) + number;
                at += length + numberLength;
            }
        }

        writer.Array(2 * sums.Count);
        foreach (var (name, sum) in sums)
        {
            writer.Raw(Encoding.Latin1.GetBytes(name));
            writer.Number(sum);
        }
    }
}
