using System.Text;
using Microsoft.Extensions.Logging;
using RedisTopology.Sidecar.Protocol;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Engine;

/// <summary>Connections to servers: opening, writing, reading, losing.</summary>
internal sealed unsafe partial class Loop
{
    // A client whose unread replies are above the first gets no more of them until they are below the second.
    private long HoldAbove => _options.ClientBacklog;
    private long HoldBelow => _options.ClientBacklog / 4;

    // A reply longer than this is passed on while it arrives.
    private const int StreamFrom = 64 * 1024;

    // How many a node may have: for RESP2, RESP3 or RESP3 of tracked clients, each for writing or for reading from a replica.
    private const int Places = 8;

    // By PlaceOf.
    private Upstream?[] _sharedUpstreams = new Upstream?[128];

    // When connecting to a node failed last, in milliseconds, and how often in a row.
    private long[] _failedAt = new long[16];
    private int[] _failures = new int[16];
    private int _probes;

    // For RESP2 or RESP3; what is Tracked is RESP3.
    private Upstream? SharedUpstream(Node node, int protocol, bool replica)
    {
        var place = PlaceOf(node, protocol, replica);
        if (place >= _sharedUpstreams.Length)
            Array.Resize(ref _sharedUpstreams, Math.Max(place + 1, _sharedUpstreams.Length * 2));
        // One that may be gone is sent nothing more: what it was never sent can be sent to another.
        if (_sharedUpstreams[place] is { } upstream)
            return upstream.IsProbed ? null : upstream;
        if (IsFailing(node))
            return null;
        upstream = Open(node, Math.Min(protocol, 3), replica, protocol == Tracked);
        if (upstream is null)
            return null;
        Metrics.Upstreams++;
        return _sharedUpstreams[place] = upstream;
    }

    // A server that could not be reached is left alone for a moment, a longer one each time, at most for a second.
    private bool IsFailing(Node node) =>
        node.Index < _failures.Length && _failures[node.Index] > 0 && _now - _failedAt[node.Index] < Math.Min(20 << Math.Min(_failures[node.Index], 6), 1000);

    private void NoteFailure(Node node, string why)
    {
        node.Refusal = why;
        if (node.RefusesSince == 0)
            node.RefusesSince = _now;
        if (node.Index >= _failures.Length)
        {
            Array.Resize(ref _failures, Math.Max(node.Index + 1, _failures.Length * 2));
            Array.Resize(ref _failedAt, _failures.Length);
        }

        _failures[node.Index]++;
        _failedAt[node.Index] = _now;
        Metrics.ConnectionsLost++;
        _topology.Refresh("connection lost");
    }

    // Whether a master still refuses connections has to be known to /readyz, also when nobody asks for its keys.
    private void LookAtRefusals()
    {
        foreach (var shard in _map.Shards)
        {
            if (shard.Master is { RefusesSince: > 0 } master && SharedUpstream(master, 2, replica: false) is { IsGreeted: true })
                master.RefusesSince = 0;
            foreach (var replica in shard.Replicas)
                replica.RefusesSince = 0;
        }
    }

    private static int PlaceOf(Node node, int protocol, bool replica) => (node.Index * Places) + ((protocol - 2) * 2) + (replica ? 1 : 0);

    // What it was opened for: see SharedUpstream.
    private static int ProtocolOf(Upstream upstream) => upstream.IsTracking ? Tracked : upstream.Protocol;

    private Upstream? Open(Node node, int protocol, bool replica, bool tracks = false)
    {
        // No longer than what is waited for anyway: the kernel would go on for many minutes.
        var fd = Native.Connect(node.EndPoint, _options.UpstreamTimeout * 5);
        if (fd < 0)
        {
            var why = Native.Describe(-fd);
            LogConnect(node, why);
            NoteFailure(node, why);
            return null;
        }

        Metrics.Connects++;
        var upstream = new Upstream(node, protocol, replica) { HeardAt = _now, IsTracking = tracks };
        Register(upstream, fd, Native.EPOLLIN | Native.EPOLLOUT | Native.EPOLLRDHUP);
        if (_options.ServerTls is { } tls)
            Secure(upstream, tls.AuthenticateAsync);
        Greet(upstream);
        return upstream;
    }

    private void Greet(Upstream upstream)
    {
        upstream.Passwords = _source.Password.Read(_options.PasswordFile, out var trouble);
        if (trouble is not null)
            LogSecret(_options.PasswordFile!, trouble);
        for (var i = 0; i < upstream.Passwords.Length; i++)
        {
            // Each waits for the answer to the one before: with that still to be sent, Redis 7.2 and newer do not answer a refused AUTH at all (addAuthErrReply).
            if (i > 0)
                upstream.GreetingStops.Enqueue(upstream.Queued);
            var password = upstream.Passwords.Span[i];
            EnqueueInternal(upstream, _options.Username is { } user ? Words("AUTH", user, password) : Words("AUTH", password));
        }

        if (upstream.Protocol == 3 || !_shared.KnowsServers)
            EnqueueInternal(upstream, upstream.Protocol == 3 ? Words("HELLO", "3") : Words("HELLO", "2"));
        if (upstream.IsReplica)
            EnqueueInternal(upstream, Words("READONLY"));
        if (upstream.IsTracking)
            EnqueueInternal(upstream, Words("CLIENT", "TRACKING", "ON"));
        // Nothing else is sent before this is answered: what a frozen server was never sent can be sent to another.
        EnqueueInternal(upstream, "*1\r\n$4\r\nPING\r\n"u8);
        upstream.GreetingStops.Enqueue(upstream.Queued);
        (upstream.Greeting, upstream.GreetingsOwed) = (upstream.GreetingStops.Dequeue(), upstream.InFlight);
    }

    private static byte[] Words(params ReadOnlySpan<string> words)
    {
        var text = new StringBuilder($"*{words.Length}\r\n");
        foreach (var word in words)
            text.Append($"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private void EnqueueInternal(Upstream upstream, ReadOnlySpan<byte> bytes)
    {
        var request = Rent();
        request.Flags = RequestFlags.Internal | RequestFlags.ReadOnly;
        fixed (byte* p = bytes)
            Enqueue(upstream, request, p, bytes.Length);
    }

    private void Enqueue(Upstream upstream, Request request, byte* bytes, int length)
    {
        if (length >= GreatRequest && TryHandOver(upstream, request, bytes, length, 0))
            return;
        var old = request.Bytes;
        Buffer.MemoryCopy(bytes, Place(upstream, request, length), length, length);
        // Not before: they may be the very bytes.
        if (old is not null)
            _pool.Release(old);
    }

    /// <summary>Puts a request at the end of a server's line.</summary>
    /// <returns>Where its bytes are to be written now: they stay in the chunk until it is answered.</returns>
    private byte* Place(Upstream upstream, Request request, int length)
    {
        var tail = upstream.SendTail;
        if (tail is null || tail.Free < length)
        {
            if (tail is not null && tail.References == 1 && tail.Sent == tail.Used && tail.Capacity >= length)
            {
                tail.Used = tail.Sent = 0;
            }
            else
            {
                Append(upstream, tail = _pool.Rent(Math.Max(length, ChunkPool.Large)));
            }
        }

        var place = tail.Used;
        tail.Used += length;
        LineUp(upstream, request, tail, place, length);
        return tail.Data + place;
    }

    private void LineUp(Upstream upstream, Request request, Chunk chunk, int offset, int length)
    {
        (request.Bytes, request.Offset, request.Length, request.Position) = (chunk, offset, length, upstream.Queued);
        chunk.References++;
        upstream.Queued += length;
        request.Upstream = upstream;
        if (upstream.Tail is null)
        {
            upstream.Head = request;
            upstream.HeardAt = _now;
        }
        else
        {
            upstream.Tail.UpstreamNext = request;
        }

        upstream.Tail = request;
        upstream.InFlight++;
        if (request.Has(RequestFlags.AtReplica))
            ReadsAtReplicas(request.Slot, 1);
        if (request.Has(RequestFlags.Writing))
            upstream.Node.WroteAt = _now;
        MarkDirty(upstream);
    }

    private static void Append(Upstream upstream, Chunk chunk)
    {
        if (upstream.SendTail is { } tail)
            tail.Next = chunk;
        else
            upstream.SendHead = chunk;
        upstream.SendTail = chunk;
    }

    private void MarkDirty(Upstream upstream)
    {
        if (upstream.IsDirty)
            return;
        upstream.IsDirty = true;
        _dirtyUpstreams.Add(upstream);
    }

    private void FlushUpstream(Upstream upstream)
    {
        if (!upstream.IsConnected || upstream.Tls is { IsOpen: false })
            return;
        if (upstream.Tls is { HasUnsent: true } tls && tls.SendRest() < 0)
        {
            LoseUpstream(upstream, upstream.Describe(Native.Errno));
            return;
        }

        while (upstream.SendHead is { } chunk)
        {
            var length = chunk.Used - chunk.Sent;
            if (!upstream.IsGreeted)
                length = (int)Math.Min(length, upstream.Greeting - upstream.Sent);
            if (length > 0)
            {
                var sent = upstream.Send(chunk.Data + chunk.Sent, length);
                if (sent < 0)
                {
                    if (Native.Errno is Native.EAGAIN or Native.EINTR)
                        break;
                    LoseUpstream(upstream, upstream.Describe(Native.Errno));
                    return;
                }

                chunk.Sent += sent;
                upstream.Sent += sent;
                if (sent < length)
                    break;
            }

            if (!upstream.IsGreeted)
                break;
            if (chunk.Next is not { } next)
            {
                // All sent. An unused tail starts again from its beginning; one that is still needed stays for the requests in it.
                if (chunk.References == 1)
                    chunk.Used = chunk.Sent = 0;
                break;
            }

            upstream.SendHead = next;
            chunk.Next = null;
            _pool.Release(chunk);
        }

        var waits = upstream.Sent < (upstream.IsGreeted ? upstream.Queued : upstream.Greeting) || upstream.Tls is { HasUnsent: true };
        WatchFor(upstream, waits ? upstream.Interest | Native.EPOLLOUT : upstream.Interest & ~Native.EPOLLOUT);
        if (!waits && upstream.Owner?.Upload is { } upload)
            UploadMayGoOn(upstream.Owner, upload);
    }

    private void Handle(Upstream upstream, int events)
    {
        if (!upstream.IsConnected)
        {
            var error = Native.ConnectError(upstream.Fd);
            if (error != 0)
            {
                LoseUpstream(upstream, Native.Describe(error));
                return;
            }

            if ((events & (Native.EPOLLOUT | Native.EPOLLIN)) == 0)
                return;
            upstream.IsConnected = true;
            upstream.HeardAt = _now;
        }

        if (upstream.Tls is { IsOpen: false } tls)
        {
            Shake(upstream, tls);
            return;
        }

        if ((events & (Native.EPOLLIN | Native.EPOLLRDHUP | Native.EPOLLHUP | Native.EPOLLERR)) != 0 && (upstream.HeldFor is null || (events & (Native.EPOLLHUP | Native.EPOLLERR)) != 0))
            Read(upstream);
        if (upstream.Fd >= 0 && (events & Native.EPOLLOUT) != 0)
            FlushUpstream(upstream);
    }

    private void Read(Upstream upstream)
    {
        var have = 0;
        if (upstream.Input is { } input)
        {
            have = input.Used;
            Buffer.MemoryCopy(input.Data, _scratch, ScratchSize, have);
            upstream.Input = null;
            _pool.Release(input);
        }

        var got = upstream.Receive(_scratch + have, ScratchSize - have);
        if (got <= 0)
        {
            if (got < 0 && Native.Errno is Native.EAGAIN or Native.EINTR)
            {
                KeepInput(upstream, _scratch, have);
                return;
            }

            LoseUpstream(upstream, got == 0 ? "closed by the server" : upstream.Describe(Native.Errno));
            return;
        }

        upstream.HeardAt = _now;
        // Later than anything these bytes speak of: a write is never taken for older than it is.
        _heard = Environment.TickCount64;
        have += got;
        var at = 0;
        while (at < have)
        {
            if (upstream.Stream.IsInside)
            {
                var taken = upstream.Stream.Advance(_scratch + at, have - at);
                if (taken < 0)
                {
                    LoseUpstream(upstream, "what it sent is no reply");
                    return;
                }

                OnPart(upstream, _scratch + at, taken, upstream.Stream.IsDone);
                at += taken;
                if (upstream.Fd < 0)
                    return;
                if (taken == 0)
                    break;
                continue;
            }

            var scanner = ReplyScanner.Begin();
            var length = scanner.Advance(_scratch + at, have - at);
            if (length < 0)
            {
                LoseUpstream(upstream, "what it sent is no reply");
                return;
            }

            if (scanner.IsDone)
            {
                OnReply(upstream, _scratch + at, length);
                at += length;
                if (upstream.Fd < 0)
                    return;
                continue;
            }

            if (have - at < StreamFrom || upstream.Head is null || upstream.IsSubscriber || _scratch[at] == '>')
            {
                // Waits for its end, unless it is too long for that.
                if (have - at < ScratchSize)
                    break;
                LoseUpstream(upstream, "a pushed message is too long");
                return;
            }

            upstream.Stream = scanner;
            OnPart(upstream, _scratch + at, length, last: false);
            at += length;
            if (upstream.Fd < 0 || length == 0)
                break;
        }

        if (upstream.Fd >= 0)
            KeepInput(upstream, _scratch + at, have - at);
    }

    private void KeepInput(Upstream upstream, byte* bytes, int count)
    {
        if (count == 0)
            return;
        var chunk = _pool.Rent(count);
        Buffer.MemoryCopy(bytes, chunk.Data, chunk.Capacity, count);
        chunk.Used = count;
        upstream.Input = chunk;
    }

    /// <summary>Takes the oldest request off a server's line.</summary>
    private Request Take(Upstream upstream)
    {
        var request = upstream.Head!;
        upstream.Head = request.UpstreamNext;
        if (upstream.Head is null)
            upstream.Tail = null;
        request.UpstreamNext = null;
        request.Upstream = null;
        upstream.InFlight--;
        if (request.Has(RequestFlags.AtReplica))
            ReadsAtReplicas(request.Slot, -1);
        return request;
    }

    /// <summary>A connection is gone: what had not been sent, or only reads, is sent again elsewhere; of the rest nobody knows.</summary>
    private void LoseUpstream(Upstream upstream, string why)
    {
        if (upstream.Fd < 0)
            return;
        Unregister(upstream);
        LogLost(upstream.Node, why);
        var wasGreeted = upstream.IsGreeted;
        Forget(upstream);
        if (!upstream.IsDetached || !wasGreeted)
            NoteFailure(upstream.Node, why);
        EndProbe(upstream);
        if (upstream.ProbeOf is { } probed)
        {
            upstream.ProbeOf = null;
            LoseUpstream(probed, "silent, and a probe of the server failed");
        }

        var sent = upstream.Sent;
        var owner = upstream.Owner;
        if (owner is not null)
            Unhook(owner, upstream);
        while (upstream.Head is not null)
        {
            var request = Take(upstream);
            if (request.Has(RequestFlags.Fenced))
                Unfence(request);
            if (request.Has(RequestFlags.Internal))
            {
                Free(request);
            }
            else if (request.Has(RequestFlags.Streaming))
            {
                // The rest of the reply will not come: nothing but closing tells the client so.
                Cut(request);
            }
            else if (request.Has(RequestFlags.Private))
            {
                LostPrivately(request, request.Position < sent);
            }
            else if (request.Position >= sent || request.Has(RequestFlags.ReadOnly))
            {
                Metrics.Retries++;
                var bytes = request.Bytes!;
                Park(request, bytes.Data + request.Offset, request.Length, "CLUSTERDOWN the server that owns the hash slot can not be reached");
            }
            else
            {
                Metrics.Uncertain++;
                Fail(request, ReplyText.Uncertain);
            }
        }

        Drop(upstream);
        if (owner is not null)
            LostOwned(owner, upstream);
    }

    private void LeaveShared(Upstream upstream)
    {
        var place = PlaceOf(upstream.Node, ProtocolOf(upstream), upstream.IsReplica);
        if (place >= _sharedUpstreams.Length || !ReferenceEquals(_sharedUpstreams[place], upstream))
            return;
        _sharedUpstreams[place] = null;
        Metrics.Upstreams--;
    }

    // Out of the table and the idle list: nobody finds it any more.
    private void Forget(Upstream upstream)
    {
        LeaveShared(upstream);
        _isUntold |= upstream is { IsTracking: true, IsGreeted: true };
        if (upstream.IsPrivate)
            RemoveOwned(upstream);
        if (upstream.HeldFor is { } client)
        {
            client.Holds = null;
            upstream.HeldFor = null;
        }
    }

    private void Drop(Upstream upstream)
    {
        while (upstream.SendHead is { } chunk)
        {
            upstream.SendHead = chunk.Next;
            _pool.Release(chunk);
        }

        upstream.SendTail = null;
        if (upstream.Input is { } input)
            _pool.Release(input);
        upstream.Input = null;
    }

    /// <summary>Closes a connection that owes nothing to anybody.</summary>
    private void CloseUpstream(Upstream upstream) => CloseUpstream(upstream, ReplyText.Uncertain);

    // And if it does owe something, that is the reply.
    private void CloseUpstream(Upstream upstream, ReadOnlySpan<byte> reply)
    {
        if (upstream.Fd < 0)
            return;
        Unregister(upstream);
        Forget(upstream);
        while (upstream.Head is not null)
        {
            var request = Take(upstream);
            if (request.Has(RequestFlags.Fenced))
                Unfence(request);
            if (request.Client is null && request.Parent is null && request.Call is null)
                Free(request);
            else
                Fail(request, reply);
        }

        Drop(upstream);
    }

    /// <summary>Stops reading replies that their client does not take; others get a new connection to the same server.</summary>
    private void Hold(Upstream upstream, Client client)
    {
        if (upstream.HeldFor is not null || client.Holds is not null)
            return;
        upstream.HeldFor = client;
        upstream.HeldSince = _now;
        client.Holds = upstream;
        if (!upstream.IsPrivate)
        {
            upstream.IsDetached = true;
            _isUntold |= upstream.IsTracking;
            LeaveShared(upstream);
        }

        WatchFor(upstream, upstream.Interest & ~(Native.EPOLLIN | Native.EPOLLRDHUP));
        _held.Add(upstream);
    }

    private void LetGo(Upstream upstream)
    {
        if (upstream.HeldFor is { } client)
            client.Holds = null;
        upstream.HeldFor = null;
        upstream.HeardAt = _now;
        WatchFor(upstream, upstream.Interest | Native.EPOLLIN | Native.EPOLLRDHUP);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Connection to {Node} lost: {Why}")]
    private partial void LogLost(Node node, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "Can not connect to {Node}: {Why}")]
    private partial void LogConnect(Node node, string why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "passwordFile {File} can not be read: {Why}")]
    private partial void LogSecret(string file, string why);
}
