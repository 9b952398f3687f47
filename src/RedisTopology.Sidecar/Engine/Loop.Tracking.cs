using RedisTopology.Sidecar.Commands;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// Client-side caching. All that tracked clients ask goes to masters, on connections that said CLIENT TRACKING ON: a server tells on them which of the keys that were read on them have changed, after
/// the replies those reads got. Every tracked client is told, whoever of them has read the key: to be told too much does no harm. When a server can not tell, because a connection or a slot's owner
/// is another, all are told to forget everything.
/// </summary>
internal sealed unsafe partial class Loop
{
    /// <summary>Stands for RESP3 on a connection that tracks.</summary>
    private const int Tracked = 4;

    private readonly List<Client> _tracked = [];
    private long _movesTold;

    // Something may have changed of which no server tells.
    private bool _isUntold;

    private static ReadOnlySpan<byte> Invalidation => ">2\r\n$10\r\ninvalidate\r\n"u8;

    private static ReadOnlySpan<byte> ForgetAll => ">2\r\n$10\r\ninvalidate\r\n_\r\n"u8;

    private static int ProtocolOf(Request request) => OwnerOf(request) is not { } client ? 2 : client.IsTracked ? Tracked : client.State.Protocol;

    // The client's line is empty: what it asked before has been answered.
    private void Track(Client client)
    {
        client.IsTracked = !client.IsTracked;
        if (!client.IsTracked)
        {
            _tracked.Remove(client);
            return;
        }

        if (_tracked.Count == 0)
            (_isUntold, _movesTold) = (false, _shared.Moves.Count);
        _tracked.Add(client);
    }

    private void TellTracked(ReadOnlySpan<byte> frame)
    {
        if (!frame.StartsWith(Invalidation))
            return;
        if (_keys.IsKeyRange)
            frame = WithLogicalKeys(frame);
        // One that is closed leaves the list.
        for (var i = _tracked.Count - 1; i >= 0; i--)
            Tell(_tracked[i], frame);
    }

    // At once, and once more behind the replies that are due: one of them may be older than the change, and have waited for its turn here.
    private void Tell(Client client, ReadOnlySpan<byte> frame)
    {
        if (client.Output.Length > HoldAbove * 4)
        {
            // It does not read what it wants to be told. Without a connection it knows that its cache is worth nothing.
            Metrics.ClientsStalled++;
            CloseClient(client);
            return;
        }

        if (client.Head is not { } head || !head.Has(RequestFlags.Streaming))
            Queue(client, frame);
        var forgets = frame.SequenceEqual(ForgetAll);
        if (client.Tail is not { } tail || (!forgets && !MayOweOlder(client)))
            return;
        // A client may wait for long: what it is told in the end stays small.
        if (tail.Has(RequestFlags.Done) && ReplyOf(tail).SequenceEqual(ForgetAll))
            return;
        if (client.InFlight > Client.MaxInFlight / 2)
            frame = ForgetAll;
        var later = Begin(client, null, -1, RequestFlags.Done);
        later.Flags &= ~RequestFlags.Silent;
        fixed (byte* p = frame)
            KeepReply(later, p, frame.Length);
        client.Stashed += frame.Length;
    }

    // Whether a reply that is due may have been given by a server already. What is still under way on the connection that tells will be younger.
    private static bool MayOweOlder(Client client)
    {
        for (var request = client.Head; request is not null; request = request.ClientNext)
        {
            if ((request.Flags & (RequestFlags.Done | RequestFlags.Parent | RequestFlags.Managed | RequestFlags.Streaming)) != 0)
                return true;
        }

        return false;
    }

    // Once a turn. Moves that another loop has noted count as well.
    private void TellOfMoves()
    {
        var moves = _shared.Moves.Count;
        if (!_isUntold && moves == _movesTold)
            return;
        (_isUntold, _movesTold) = (false, moves);
        TellTracked(ForgetAll);
    }

    // Once a second. A server that is silently gone tells of nothing: it is asked, and missed when it does not answer. Connections that nobody needs any more are closed.
    private void SweepTracking()
    {
        // By their place: one may be closed.
        for (var i = 0; i < _sharedUpstreams.Length; i++)
        {
            if (_sharedUpstreams[i] is not { IsTracking: true, IsGreeted: true, Head: null } upstream)
                continue;
            if (_tracked.Count > 0)
                EnqueueInternal(upstream, "*1\r\n$4\r\nPING\r\n"u8);
            else
                CloseUpstream(upstream);
        }
    }

    private ReadOnlySpan<byte> WithLogicalKeys(ReadOnlySpan<byte> frame)
    {
        var at = Invalidation.Length;
        if (frame[at] != '*')
            return frame;
        _mappedMessage.ResetWrittenCount();
        var writer = new ReplyWriter(_mappedMessage, 3);
        var (_, count, header) = ReplyScan.Header(frame[at..]);
        at += header;
        writer.Raw(frame[..at]);
        for (; count > 0; count--)
        {
            writer.Bulk(_keys.ToLogical(ReplyScan.Content(frame[at..])));
            at += ReplyScan.Length(frame[at..]);
        }

        return _mappedMessage.WrittenSpan;
    }
}
