using Microsoft.Extensions.Logging;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Keys;
using RedisTopology.Sidecar.Metrics;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Engine;

/// <summary>Replies: each goes to its client in the order of that client's commands.</summary>
internal sealed unsafe partial class Loop
{
    private Chunk _stash;
    private long _heard;

    private Request Rent() => _requests.TryPop(out var request) ? request : NewRequest();

    private static Request NewRequest()
    {
        var request = new Request();
        request.Reset();
        return request;
    }

    private void Free(Request request)
    {
        if (request.Bytes is { } bytes)
            _pool.Release(bytes);
        if (request.Reply is { } reply)
            _pool.Release(reply);
        if (request.Pieces is { } pieces)
            _pieces.Push(pieces);
        if (request.Has(RequestFlags.Writing) && request.Slot >= 0)
            _writing[request.Slot]--;
        request.Reset();
        _requests.Push(request);
    }

    // A whole reply of a server.
    private void OnReply(Upstream upstream, byte* bytes, int length)
    {
        if (upstream is { IsSubscriber: true, IsGreeted: true } || *bytes == '>')
        {
            OnPush(upstream, bytes, length);
            return;
        }

        var request = upstream.Head;
        if (request is null)
        {
            LoseUpstream(upstream, "it sent a reply nobody asked for");
            return;
        }

        if (request.Before > 0)
        {
            // MULTI's OK, QUEUED: only an error among them matters, and it matters at the end.
            request.Before--;
            if (*bytes == '-' && request.Redirection is null)
                request.Redirection = new ReadOnlySpan<byte>(bytes, length).ToArray();
            return;
        }

        Take(upstream);
        if ((request.Flags & (RequestFlags.Fenced | RequestFlags.Writing | RequestFlags.Managed)) != 0)
        {
            NoteFenceAndWrite(upstream, request);
            if (request.Has(RequestFlags.Managed) && OnManagedReply(request, bytes, length))
                return;
        }

        if (request.Has(RequestFlags.Internal))
        {
            OnGreeting(upstream, request, bytes, length);
            return;
        }

        if (*bytes == '-' && TrySendAgain(upstream, request, bytes, length))
            return;
        Complete(request, bytes, length);
        if (upstream.IsPrivate)
            Answered(upstream);
    }

    private void NoteFenceAndWrite(Upstream upstream, Request request)
    {
        if (request.Has(RequestFlags.Fenced))
            Unfence(request);
        if (!request.Has(RequestFlags.Writing))
            return;
        upstream.Node.WroteAt = _heard;
        if ((request.Client ?? request.Parent?.Client) is { } client)
            (client.WroteAt, client.WroteTo) = (_heard, client.WroteTo | (1UL << upstream.Node.Index));
    }

    private void OnGreeting(Upstream upstream, Request request, byte* bytes, int length)
    {
        Free(request);
        // An ASKING that fails does not matter: the command behind it is answered for itself.
        if (upstream.IsGreeted)
            return;
        if (upstream.ProbeOf is not null)
        {
            // Any answer at all is a sign of life.
            Probed(upstream);
            return;
        }

        if (!upstream.Passwords.IsEmpty && TakesPassword(upstream, *bytes != '-'))
            return;
        // One that is held up by a script lives, and takes SCRIPT KILL: the rest is told that it is busy, as by any server.
        if (*bytes == '-' && !new ReadOnlySpan<byte>(bytes + 1, length - 1).StartsWith("BUSY "u8))
        {
            var text = System.Text.Encoding.UTF8.GetString(bytes + 1, length - 3);
            if (!text.StartsWith("LOADING", StringComparison.Ordinal) && !text.StartsWith("MASTERDOWN", StringComparison.Ordinal))
                LogGreeting(upstream.Node, text);
            LoseUpstream(upstream, text);
            return;
        }

        if (!_shared.KnowsServers && *bytes is (byte)'*' or (byte)'%')
            Learn(new ReadOnlySpan<byte>(bytes, length));
        if (--upstream.GreetingsOwed > 0)
            return;
        upstream.IsGreeted = true;
        ClearFailures(upstream.Node);
        MarkDirty(upstream);
    }

    // False when it has taken none of them.
    private bool TakesPassword(Upstream upstream, bool taken)
    {
        var given = upstream.Passwords.Span[0];
        upstream.Passwords = upstream.Passwords[1..];
        if (taken && !upstream.HasTakenPassword)
            _source.Password.Taken(given);
        upstream.HasTakenPassword |= taken;
        if (upstream.Passwords.IsEmpty && !upstream.HasTakenPassword)
            return false;
        upstream.GreetingsOwed--;
        if (upstream.GreetingStops.TryDequeue(out var stop))
        {
            upstream.Greeting = stop;
            MarkDirty(upstream);
        }

        return true;
    }

    private void ClearFailures(Node node)
    {
        (node.RefusesSince, node.Refusal) = (0, null);
        if (node.Index < _failures.Length)
            _failures[node.Index] = 0;
    }

    /// <summary>The reply a request was waiting for.</summary>
    private void Complete(Request request, byte* bytes, int length)
    {
        if (request.KeyReply != KeyReply.None || request.KeyReplies is not null)
        {
            CompleteMapped(request, bytes, length);
            return;
        }

        Note(request, length);
        if (length > 0 && *bytes == '-')
            Metrics.ErrorReplies++;
        if (request.Parent is not null)
        {
            KeepReply(request, bytes, length);
            CompletePiece(request);
            return;
        }

        if (request.Client is not { } client)
        {
            request.Call?.Complete(new ReadOnlySpan<byte>(bytes, length));
            Free(request);
            return;
        }

        if (!ReferenceEquals(client.Head, request))
        {
            KeepReply(request, bytes, length);
            request.Flags |= RequestFlags.Done;
            client.Stashed += length;
            if (client.Output.Length + client.Stashed > HoldAbove && request.Upstream is null)
                HoldBehind(client);
            return;
        }

        if (!request.Has(RequestFlags.Silent))
            Queue(client, bytes, length);
        Pop(client, request);
        if (client.Output.Length > HoldAbove)
            HoldBehind(client);
    }

    // Latency, freshness: once per request, when its reply is there.
    private void Note(Request request, int length)
    {
        if ((request.Flags & RequestFlags.Writing) != 0 && request.Slot >= 0)
        {
            _writing[request.Slot]--;
            _shared.Writes.Wrote(request.Slot, _heard);
            request.Flags &= ~RequestFlags.Writing;
        }

        if (request.Client is { } client && length > 4096)
            client.Window = Math.Max(1, Math.Min(client.Window, (4 << 20) / length));
        // A piece's time is its whole's.
        if (request.Parent is not null)
            return;
        Metrics.Latency(request.Shard, ClassOf(request)).Add(_micros - request.Started);
    }

    private static CommandClass ClassOf(Request request)
    {
        if (request.Command is not { } command)
            return CommandClass.Transaction;
        if (command.OnlyKey > 0)
            return request.Has(RequestFlags.ReadOnly) ? CommandClass.Read : CommandClass.Write;
        if ((command.Traits & CommandTraits.Script) != 0)
            return CommandClass.Script;
        return command.Route switch
        {
            Route.Blocking => CommandClass.Blocking,
            Route.Transaction => CommandClass.Transaction,
            Route.Slot or Route.Split => request.Has(RequestFlags.ReadOnly) ? CommandClass.Read : CommandClass.Write,
            _ => CommandClass.Cluster,
        };
    }

    // The head of the line has been answered: with it go all behind it whose replies are there already.
    private void Pop(Client client, Request request)
    {
        while (true)
        {
            client.Head = request.ClientNext;
            if (client.Head is null)
                client.Tail = null;
            request.ClientNext = null;
            client.InFlight--;
            client.PendingBytes -= request.Cost;
            if (request.Has(RequestFlags.Unsized))
                client.Unsized--;
            if (request.Has(RequestFlags.Barrier) && client.Upload is null)
            {
                client.IsHeld = false;
                ResumeSoon(client);
            }

            request.Client = null;
            Free(request);
            if (client.Head is not { } next || !next.Has(RequestFlags.Done))
                break;
            request = next;
            if (request.Reply is { } reply)
            {
                client.Stashed -= request.ReplyLength;
                if (!request.Has(RequestFlags.Silent))
                    Queue(client, reply.Data + request.ReplyOffset, request.ReplyLength);
            }
        }

        if (client.Subscriptions is { Later.Length: > 0 } subscriptions)
            subscriptions.Later.MoveTo(ref client.Output, _pool);
        if (client.Head is null)
        {
            if (client.Window < Client.MaxWindow && client.Output.Length < HoldBelow)
                client.Window = Math.Min(client.Window * 2, Client.MaxWindow);
            if (client.WaitsForLine)
            {
                client.WaitsForLine = false;
                ResumeSoon(client);
            }

            if (client.Kept > 0)
                LetGoOfKept(client);
            if (client.IsEnding)
                MarkDirty(client);
        }

        if (client.Input is not null || (client.Interest & Native.EPOLLIN) == 0)
            ResumeSoon(client);
    }

    private void KeepReply(Request request, byte* bytes, int length)
    {
        if (length > _stash.Free)
        {
            if (_stash.References == 1 && length <= _stash.Capacity)
            {
                _stash.Used = 0;
            }
            else
            {
                _pool.Release(_stash);
                _stash = _pool.Rent(Math.Max(length, ChunkPool.Large));
            }
        }

        Buffer.MemoryCopy(bytes, _stash.Data + _stash.Used, length, length);
        (request.Reply, request.ReplyOffset, request.ReplyLength) = (_stash, _stash.Used, length);
        _stash.Used += length;
        _stash.References++;
    }

    /// <summary>The sidecar's own reply to a command that has no request yet.</summary>
    private void Answer(Client client, CommandInfo? command, ReadOnlySpan<byte> reply)
    {
        if (reply.Length > 0 && reply[0] == '-')
            Metrics.ErrorReplies++;
        if (client.Head is null)
        {
            if (!client.State.IsSilent)
                Queue(client, reply);
            return;
        }

        var request = Begin(client, command, -1, RequestFlags.Done);
        fixed (byte* p = reply)
            KeepReply(request, p, reply.Length);
        client.Stashed += reply.Length;
    }

    /// <summary>A request gets an error of the sidecar, or a server's that was held back.</summary>
    private void Fail(Request request, ReadOnlySpan<byte> reply)
    {
        fixed (byte* p = reply)
        {
            if (request.Has(RequestFlags.Streaming))
                Cut(request);
            else
                Complete(request, p, reply.Length);
        }
    }

    // A reply that has begun can not be ended: its client is disconnected.
    private void Cut(Request request)
    {
        var client = request.Client;
        if (client is null)
        {
            Free(request);
            return;
        }

        CloseClient(client);
        Free(request);
    }

    // A part of a long reply.
    private void OnPart(Upstream upstream, byte* bytes, int length, bool last)
    {
        var request = upstream.Head!;
        if (request.Client is { } client && ReferenceEquals(client.Head, request) && request.Parent is null && request.Before == 0 && request.KeyReply == KeyReply.None && request.KeyReplies is null)
        {
            request.Flags |= RequestFlags.Streaming;
            if (request.Reply is { } begun)
            {
                // It came in before its turn, up to here.
                client.Stashed -= request.ReplyLength;
                Queue(client, begun.Data + request.ReplyOffset, request.ReplyLength);
                _pool.Release(begun);
                request.Reply = null;
            }

            if (!request.Has(RequestFlags.Silent))
                Queue(client, bytes, length);
            client.Window = 1;
            if (last)
            {
                Take(upstream);
                Note(request, 1 << 20);
                Pop(client, request);
                if (upstream.IsPrivate)
                    Answered(upstream);
            }

            if (client.Output.Length > HoldAbove / 2 && client.Fd >= 0)
            {
                FlushClient(client);
                if (client.Fd >= 0 && client.Output.Length > HoldAbove / 2 && upstream.Fd >= 0 && !last && (client.Output.Length > HoldAbove * 2 || !OthersWait(upstream, client)))
                    Hold(upstream, client);
            }

            return;
        }

        if (request.Client is null && request.Parent is null && request.Call is null)
        {
            // Nobody wants it any more.
            if (!last)
                return;
            Take(upstream);
            Note(request, 0);
            Free(request);
            return;
        }

        Extend(request, bytes, length);
        if (!last)
            return;
        var whole = request.Reply!;
        var (data, size) = ((nint)(whole.Data + request.ReplyOffset), request.ReplyLength);
        request.Reply = null;
        if (request.Client is { } waiting)
            waiting.Stashed -= size;
        Take(upstream);
        Complete(request, (byte*)data, size);
        _pool.Release(whole);
        if (upstream.IsPrivate)
            Answered(upstream);
    }

    // A long reply before its turn, or one that is to be merged: kept whole.
    private void Extend(Request request, byte* bytes, int length)
    {
        var have = request.Reply;
        if (have is null || have.Free < length)
        {
            var chunk = _pool.Rent(Math.Max(ChunkPool.Large, (request.ReplyLength + length) * 2));
            if (have is not null)
            {
                Buffer.MemoryCopy(have.Data + request.ReplyOffset, chunk.Data, chunk.Capacity, request.ReplyLength);
                _pool.Release(have);
            }

            request.Reply = chunk;
            request.ReplyOffset = 0;
            chunk.Used = request.ReplyLength;
        }

        Buffer.MemoryCopy(bytes, request.Reply!.Data + request.Reply.Used, request.Reply.Free, length);
        request.Reply.Used += length;
        request.ReplyLength += length;
        if (request.Client is { } client)
            client.Stashed += length;
    }

    // Its replies are more than it reads: the server that owes it the next ones is not read until it has caught up.
    private void HoldBehind(Client client)
    {
        FlushClient(client);
        // Replies that wait for an earlier one are no reason to hold that one back.
        if (client.Fd < 0 || client.Output.Length <= HoldBelow)
            return;
        for (var request = client.Head; request is not null; request = request.ClientNext)
        {
            if (request.Upstream is { Fd: >= 0 } upstream)
            {
                // What is under way is bounded by the window: better kept than others' replies kept from them.
                if (client.Output.Length > HoldAbove * 2 || !OthersWait(upstream, client))
                    Hold(upstream, client);
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Node} refuses this sidecar: {Why}. Look at username and passwordFile")]
    private partial void LogGreeting(Node node, string why);
}
