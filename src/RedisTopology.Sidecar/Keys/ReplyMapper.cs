using System.Buffers;
using RedisTopology.Core.Keys;
using RedisTopology.Sidecar.Commands;

namespace RedisTopology.Sidecar.Keys;

/// <summary>Takes the tags off the keys in whole replies, and leaves out keys that the client's pattern does not match.</summary>
/// <param name="keys">The mapping, of a KeyRange cluster.</param>
/// <param name="output">Receives the replies.</param>
internal readonly ref struct ReplyMapper(KeyMapping keys, IBufferWriter<byte> output)
{
    private readonly ReplyWriter _writer = new(output, 2);

    /// <summary>Maps a reply.</summary>
    /// <param name="kind">Where it carries keys.</param>
    /// <param name="match">The pattern of <see cref="RequestMapper.Match"/>; empty: none.</param>
    /// <param name="reply">The reply.</param>
    public void Write(KeyReply kind, ReadOnlySpan<byte> match, ReadOnlySpan<byte> reply)
    {
        if (ReplyMerger.IsError(reply))
        {
            Error(reply);
            return;
        }

        if (ReplyScan.IsNull(reply))
            kind = KeyReply.None;
        switch (kind)
        {
            case KeyReply.Key:
                Bulk(reply);
                break;
            case KeyReply.Keys or KeyReply.Channels:
                List(kind, match, reply);
                break;
            case KeyReply.Scan:
                var (_, _, header) = ReplyScan.Header(reply);
                var cursor = ReplyScan.Length(reply[header..]);
                _writer.Raw(reply[..(header + cursor)]);
                List(KeyReply.Keys, match, reply[(header + cursor)..]);
                break;
            case KeyReply.First:
                First(reply);
                break;
            case KeyReply.Streams:
                Streams(reply);
                break;
            case KeyReply.Anywhere:
                Anywhere(reply);
                break;
            default:
                _writer.Raw(reply);
                break;
        }
    }

    /// <summary>Maps the replies of a transaction, one for each of its commands.</summary>
    /// <param name="kinds">Where each carries keys.</param>
    /// <param name="reply">The reply of EXEC.</param>
    public void WriteAll(IReadOnlyList<KeyReply> kinds, ReadOnlySpan<byte> reply)
    {
        var (type, count, at) = ReplyScan.Header(reply);
        if (type != '*' || count != kinds.Count)
        {
            Write(KeyReply.Error, default, reply);
            return;
        }

        _writer.Raw(reply[..at]);
        foreach (var kind in kinds)
        {
            var length = ReplyScan.Length(reply[at..]);
            Write(kind, default, reply.Slice(at, length));
            at += length;
        }
    }

    // One value: a string that is a key, or something else, which stays as it is. Returns its length.
    private int Bulk(ReadOnlySpan<byte> reply)
    {
        var length = ReplyScan.Length(reply);
        if (reply[0] == '$' && !ReplyScan.IsNull(reply) && ReplyScan.Content(reply) is var key && keys.PrefixLength(key) is > 0 and var prefix)
            _writer.Bulk(key[prefix..]);
        else
            _writer.Raw(reply[..length]);
        return length;
    }

    private void List(KeyReply kind, ReadOnlySpan<byte> match, ReadOnlySpan<byte> reply)
    {
        var (type, count, header) = ReplyScan.Header(reply);
        var kept = count;
        if (!match.IsEmpty)
        {
            kept = 0;
            for (var (i, at) = (0L, header); i < count; i++, at += ReplyScan.Length(reply[at..]))
                kept += GlobPattern.Matches(match, Logical(kind, ReplyScan.Content(reply[at..]))) ? 1 : 0;
        }

        if (type == '~')
            new ReplyWriter(output, 3).Set((int)kept);
        else
            _writer.Array((int)kept);
        for (var (i, at) = (0L, header); i < count; i++, at += ReplyScan.Length(reply[at..]))
        {
            if (reply[at] != '$')
                _writer.Raw(reply.Slice(at, ReplyScan.Length(reply[at..])));
            else if (Logical(kind, ReplyScan.Content(reply[at..])) is var key && (match.IsEmpty || GlobPattern.Matches(match, key)))
                _writer.Bulk(key);
        }
    }

    private ReadOnlySpan<byte> Logical(KeyReply kind, ReadOnlySpan<byte> name) => kind == KeyReply.Channels ? KeyChannels.ToLogical(keys, name) : keys.ToLogical(name);

    private void First(ReadOnlySpan<byte> reply)
    {
        var (type, count, header) = ReplyScan.Header(reply);
        _writer.Raw(reply[..header]);
        if (type == '*' && count > 0)
            header += Bulk(reply[header..]);
        _writer.Raw(reply[header..]);
    }

    private void Streams(ReadOnlySpan<byte> reply)
    {
        var (type, count, at) = ReplyScan.Header(reply);
        _writer.Raw(reply[..at]);
        for (var i = 0L; i < count; i++)
        {
            if (type == '*')
            {
                var pair = ReplyScan.Header(reply[at..]).Length;
                _writer.Raw(reply.Slice(at, pair));
                at += pair;
            }

            at += Bulk(reply[at..]);
            var entries = ReplyScan.Length(reply[at..]);
            _writer.Raw(reply.Slice(at, entries));
            at += entries;
        }

        _writer.Raw(reply[at..]);
    }

    private void Anywhere(ReadOnlySpan<byte> reply)
    {
        for (var at = 0; at < reply.Length;)
        {
            var (type, _, header) = ReplyScan.Header(reply[at..]);
            if (type is (byte)'$' or (byte)'=' or (byte)'!')
            {
                at += Bulk(reply[at..]);
                continue;
            }

            _writer.Raw(reply.Slice(at, header));
            at += header;
        }
    }

    // No such key '{tag}key' or consumer group...
    private void Error(ReadOnlySpan<byte> reply)
    {
        for (var at = 0; at < reply.Length;)
        {
            var quote = reply[at..].IndexOf("'{"u8);
            var end = quote < 0 ? -1 : reply[(at + quote + 1)..].IndexOf((byte)'\'');
            if (end < 0)
            {
                _writer.Raw(reply[at..]);
                return;
            }

            _writer.Raw(reply.Slice(at, quote + 1));
            at += quote + 1;
            _writer.Raw(keys.ToLogical(reply.Slice(at, end)));
            at += end;
        }
    }
}
