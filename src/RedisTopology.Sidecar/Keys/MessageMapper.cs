using System.Buffers;
using RedisTopology.Core.Keys;
using RedisTopology.Sidecar.Commands;

namespace RedisTopology.Sidecar.Keys;

/// <summary>What servers push to subscribers, with keys and patterns as the client wrote them.</summary>
internal static class MessageMapper
{
    /// <summary>Maps a message, or the confirmation of a subscription.</summary>
    /// <param name="keys">The mapping, of a KeyRange cluster.</param>
    /// <param name="frame">The whole frame: a flat list.</param>
    /// <param name="output">Receives the frame.</param>
    /// <returns>False when it is about a key that the client's pattern does not match.</returns>
    public static bool TryWrite(KeyMapping keys, ReadOnlySpan<byte> frame, IBufferWriter<byte> output)
    {
        var writer = new ReplyWriter(output, 2);
        var (_, count, at) = ReplyScan.Header(frame);
        var kind = ReplyScan.Content(frame[at..]);
        var isPattern = kind.Length > 0 && kind[0] == (byte)'p' && !kind.SequenceEqual("pong"u8);
        var channelAt = kind.SequenceEqual("pmessage"u8) ? 2 : isPattern ? -1 : 1;
        ReadOnlySpan<byte> pattern = default;
        writer.Raw(frame[..at]);
        var tellsKeys = false;
        for (var i = 0; i < count; i++)
        {
            var length = ReplyScan.Length(frame[at..]);
            var element = frame.Slice(at, length);
            at += length;
            if (element[0] != '$' || ReplyScan.IsNull(element) || i == 0)
            {
                writer.Raw(element);
                continue;
            }

            var text = ReplyScan.Content(element);
            if (isPattern && i == 1)
            {
                text = pattern = KeyChannels.WithoutStar(text);
            }
            else if (i == channelAt)
            {
                tellsKeys = KeyChannels.TellsKeys(text);
                text = KeyChannels.ToLogical(keys, text);
                if (isPattern && KeyChannels.StarAt(pattern) > 0 && !GlobPattern.Matches(pattern, text))
                    return false;
            }
            else if (tellsKeys)
            {
                text = keys.ToLogical(text);
            }

            writer.Bulk(text);
        }

        return true;
    }
}
