using System.Buffers;
using RedisTopology.Core.Hashing;
using RedisTopology.Core.Keys;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Keys;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// KeyRange: keys that carry an id get the tag of its tablet on their way in, before anything else looks at the request, and lose it on the way out. All between sees keys as the servers have
/// them, and routes by their hash slots as ever.
/// </summary>
internal sealed unsafe partial class Loop
{
    private readonly RequestMapper _mapper = new();
    private ArrayBufferWriter<byte> _mappedReply = new(4096), _mappedMessage = new(256);
    private KeyMapping _keys = KeyMapping.HashSlotMode;
    private byte[]? _match;

    private void UseKeys(SidecarOptions options) =>
        _keys = options.KeyPatterns.Count > 0 && KeyMapping.TryCreate(options.KeyPatterns, options.FirstId, options.IdsPerTablet, out var keys, out _) ? keys : KeyMapping.HashSlotMode;

    private bool DispatchMapped(Client client, CommandInfo? command, in Arguments request)
    {
        if (command is not null && command.OnlyKey > 0 && client.State.IsPlain && client.Transaction is null && client.Subscriptions is null && command.Takes(request.Count)
            && !_refused[command.Id] && RequestMapper.Maps(command) && (_population is null || _population.Find(request[command.OnlyKey]) is null))
        {
            // GET, SET and their like. The tag's slot is known, and nothing is hashed.
            var isMapped = _keys.TryPrefix(request[command.OnlyKey], out var prefix, out var slot);
            if (!isMapped)
                slot = HashSlot.Of(request[command.OnlyKey]);
            if (!command.IsReadOnly && OvertakesRead(client, slot))
                return WaitForLine(client);
            Metrics.Commands[command.Id]++;
            var flags = command.IsReadOnly ? RequestFlags.ReadOnly | RequestFlags.Unsized : command.IsWrite ? RequestFlags.Writing : RequestFlags.Unsized;
            var made = Begin(client, command, slot, flags);
            if (isMapped)
            {
                Send(made, new PrefixedRequest(request.Frame, request.Span(command.OnlyKey), prefix));
                return true;
            }

            fixed (byte* p = request.Frame)
                Send(made, p, request.Frame.Length);
            return true;
        }

        if (CommandTable.Resolve(request) is { } resolved && resolved.Takes(request.Count) && _mapper.TryMap(_keys, resolved, request, out var mapped))
        {
            _match = _mapper.Match;
            var taken = DispatchSlowly(client, mapped);
            _match = null;
            return taken;
        }

        return DispatchSlowly(client, request);
    }

    private void Send(Request request, in PrefixedRequest frame)
    {
        if (ServerFor(request, frame.Length, out var trouble) is { } upstream)
        {
            Enqueue(upstream, request, frame);
            return;
        }

        fixed (byte* p = _mapper.Write(frame))
            Park(request, p, frame.Length, trouble);
    }

    private void Enqueue(Upstream upstream, Request request, in PrefixedRequest frame)
    {
        if (frame.Length >= GreatRequest)
        {
            fixed (byte* p = frame.Original)
            {
                if (TryHandOver(upstream, request, p, frame.Original.Length, frame.More))
                {
                    frame.WriteBeginning(new Span<byte>(p - frame.More, frame.Length));
                    return;
                }
            }
        }

        frame.CopyTo(new Span<byte>(Place(upstream, request, frame.Length), frame.Length));
    }

    private void NoteKeys(Request request, CommandInfo command)
    {
        request.KeyReply = KeyReplies.Of(command);
        request.Match = _match;
    }

    // The reply as the client knows the keys in it.
    private void CompleteMapped(Request request, byte* bytes, int length)
    {
        _mappedReply.ResetWrittenCount();
        var reply = new ReadOnlySpan<byte>(bytes, length);
        var mapper = new ReplyMapper(_keys, _mappedReply);
        if (request.KeyReplies is { } kinds)
            mapper.WriteAll(kinds, reply);
        else
            mapper.Write(request.KeyReply, request.Match, reply);
        (request.KeyReply, request.KeyReplies) = (KeyReply.None, null);
        fixed (byte* p = _mappedReply.WrittenSpan)
            Complete(request, p, _mappedReply.WrittenCount);
    }

    private bool TryMapMessage(ref ReadOnlySpan<byte> frame)
    {
        if (frame.IndexOf("__key"u8) < 0)
            return true;
        _mappedMessage.ResetWrittenCount();
        if (!MessageMapper.TryWrite(_keys, frame, _mappedMessage))
            return false;
        frame = _mappedMessage.WrittenSpan;
        return true;
    }

    // What there is of a great value's request: its beginning with the key as the server has it.
    private void EnqueueUpload(Upstream upstream, Request request, byte* bytes, int length, ArgumentSpan key, ReadOnlySpan<byte> prefix)
    {
        if (prefix.IsEmpty)
        {
            Enqueue(upstream, request, bytes, length);
            return;
        }

        var end = key.Start + key.Length;
        var begin = new PrefixedRequest(new ReadOnlySpan<byte>(bytes, end), key, prefix);
        begin.CopyTo(new Span<byte>(Place(upstream, request, begin.Length), begin.Length));
        EnqueueRaw(upstream, bytes + end, length - end);
    }
}
