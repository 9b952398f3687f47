using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Protocol;
using RedisTopology.Sidecar.Tls;

namespace RedisTopology.Sidecar.Engine;

/// <summary>Clients: reading, taking commands, writing, closing.</summary>
internal sealed unsafe partial class Loop
{
    private const int Readable = Native.EPOLLIN | Native.EPOLLRDHUP;
    private const int GreatBeginning = 16 * 1024;
    private const int MaxLooks = 3;

    /// <summary>A new client, handed over by whoever accepted it.</summary>
    /// <param name="fd">Its socket.</param>
    /// <param name="tls">TLS, where it must speak it.</param>
    public void Adopt(int fd, ListenTls? tls)
    {
        if (_draining)
        {
            _ = Native.close(fd);
            _shared.Count(-1);
            return;
        }

        Native.Tune(fd, TimeSpan.Zero);
        var (peer, own) = Native.AddressesOf(fd);
        var state = new ClientState(_shared.NextClientId(), fd) { Address = peer, LocalAddress = own, NeedsPassword = _shared.Password is not null };
        var client = new Client { State = state, ProgressAt = _now, MaxUnread = HoldAbove / 2 };
        _shared.Directory.Add(client, this);
        client.Place = _clients.AddLast(client);
        Register(client, fd, Readable);
        if (tls is not null)
            Secure(client, tls.AuthenticateAsync);
        Metrics.ClientsAccepted++;
        Metrics.Clients++;
    }

    private void Handle(Client client, int events)
    {
        if (client.Tls is { IsOpen: false } tls)
        {
            Shake(client, tls);
            return;
        }

        if ((events & Native.EPOLLOUT) != 0)
            FlushClient(client);
        if (client.Fd < 0 || (events & ~Native.EPOLLOUT) == 0)
            return;
        if ((events & (Native.EPOLLERR | Native.EPOLLHUP)) != 0)
        {
            CloseClient(client);
            return;
        }

        if (client.Upload is { } upload)
        {
            Continue(client, upload);
            return;
        }

        if (!client.MayTake || client.IsEnding)
        {
            // Not read while it has enough to wait for; that it has gone is still noticed.
            if ((events & Native.EPOLLRDHUP) != 0)
                Ended(client);
            else if (MayReadAhead(client))
                ReadAhead(client);
            else
                WatchFor(client, client.Interest & ~Native.EPOLLIN);
            return;
        }

        Read(client);
    }

    private void Read(Client client)
    {
        var input = client.Input;
        if (client.Great == 0 && (input is null || (input.Used - input.Sent <= ScratchSize / 4 && client.Need <= ScratchSize)))
        {
            var have = 0;
            if (input is not null)
            {
                have = input.Used - input.Sent;
                Buffer.MemoryCopy(input.Data + input.Sent, _scratch, ScratchSize, have);
                client.Input = null;
                _pool.Release(input);
            }

            ReadScratch(client, have);
        }
        else
        {
            if (input is null)
                input = client.Input = RentGreat(client);
            else if (input.Free == 0 || input.Capacity - input.Sent < client.Need)
                input = Grow(client, Math.Max(client.Need, (input.Used - input.Sent) * 2));
            if (TryFill(client, input))
                TakeInput(client);
            else if (ReferenceEquals(client.Input, input) && input.Used == input.Sent)
                DropInput(client, input);
        }
    }

    // The loop's own buffer holds the beginning, if there was one.
    private void ReadScratch(Client client, int have)
    {
        for (var looks = 1; ; looks++)
        {
            var got = client.Receive(_scratch + have, ScratchSize - have);
            if (got <= 0)
            {
                var error = Native.Errno;
                if (have > 0)
                    Keep(client, _scratch, have);
                NothingRead(client, got, error);
                return;
            }

            Metrics.BytesIn += got;
            client.State.LastCommandAt = _now;
            have += got;
            var taken = Take(client, _scratch, have);
            if (taken == have || client.Fd < 0)
                return;
            // The end of a great request has mostly come meanwhile: another look is cheaper than to put its beginning aside and to fetch it back.
            if (taken == 0 && looks < MaxLooks && have is >= GreatBeginning and < ScratchSize / 2 && client.MayTake)
                continue;
            Keep(client, _scratch + taken, have - taken);
            return;
        }
    }

    // Many clients write the whole of a batch before they read its first reply. One that has unread replies is heard out, up to here, or both ends would wait for each other.
    private static bool MayReadAhead(Client client) =>
        client.Output.Length > 0 && !client.IsEnding && client.Upload is null && (client.Input is null || client.Input.Used - client.Input.Sent < Client.MaxPendingBytes);

    private void ReadAhead(Client client)
    {
        var input = client.Input ??= _pool.Rent(ChunkPool.Large);
        if (input.Free == 0)
            input = Grow(client, Math.Max(ChunkPool.Large, (input.Used - input.Sent) * 2));
        TryFill(client, input);
    }

    private bool TryFill(Client client, Chunk input)
    {
        var got = client.Receive(input.Data + input.Used, input.Free);
        if (got <= 0)
        {
            NothingRead(client, got, Native.Errno);
            return false;
        }

        Metrics.BytesIn += got;
        client.State.LastCommandAt = _now;
        input.Used += got;
        return true;
    }

    // Takes what the client's own buffer holds. What has been taken is marked as sent: nothing is moved.
    private void TakeInput(Client client)
    {
        if (client.Input is not { } input || input.Used - input.Sent < client.Need)
            return;
        // The client may be closed, and its buffer given away, by what it asked for.
        input.References++;
        _offered = input;
        var taken = Take(client, input.Data + input.Sent, input.Used - input.Sent);
        _offered = null;
        if (client.Fd >= 0 && ReferenceEquals(client.Input, input))
        {
            input.Sent += taken;
            if (taken > 0 && client.Great > 0 && --client.GreatReads <= 0)
                client.Great = 0;
            if (input.Sent == input.Used)
                DropInput(client, input);
        }

        _pool.Release(input);
    }

    private void DropInput(Client client, Chunk input)
    {
        client.Input = null;
        _pool.Release(input);
    }

    private void Keep(Client client, byte* bytes, int count)
    {
        var chunk = _pool.Rent(Math.Max(count, Math.Min(client.Need, UploadSize * 2)));
        Buffer.MemoryCopy(bytes, chunk.Data, chunk.Capacity, count);
        chunk.Used = count;
        client.Input = chunk;
    }

    private Chunk Grow(Client client, int size)
    {
        var old = client.Input!;
        var chunk = _pool.Rent(size);
        Buffer.MemoryCopy(old.Data + old.Sent, chunk.Data, chunk.Capacity, old.Used - old.Sent);
        chunk.Used = old.Used - old.Sent;
        client.Input = chunk;
        _pool.Release(old);
        return chunk;
    }

    private void NothingRead(Client client, int got, int error)
    {
        if (got == 0)
            Ended(client);
        else if (error is not (Native.EAGAIN or Native.EINTR))
            CloseClient(client);
    }

    // It sends no more. What it asked for is still answered, but nothing waits on its behalf.
    private void Ended(Client client)
    {
        if (client.PublishesAfter != 0)
        {
            // It does not wait for the answer: what it published is not lost for that.
            client.PublishesAfter = -1;
            client.IsHeld = false;
            TakeInput(client);
            if (client.Fd < 0)
                return;
        }

        if (client.BlockedOn is not null || client.IsWaiting || client.Subscriptions is not null || (client.Head is null && !client.HasOutput && !client.IsHeld))
        {
            CloseClient(client);
            return;
        }

        client.IsEnding = true;
        WatchFor(client, client.Interest & ~Readable);
    }

    /// <summary>Takes commands from the start of some bytes, as many as there are and may be taken.</summary>
    /// <returns>How many bytes were taken.</returns>
    private int Take(Client client, byte* bytes, int length)
    {
        var at = 0;
        client.Need = 0;
        while (at < length && client.MayTake)
        {
            var result = _scanner.Scan(bytes + at, length - at);
            if (result == ScanResult.Whole)
            {
                if (_scanner.Rewritten is { } rewritten)
                {
                    fixed (byte* p = rewritten)
                        Dispatch(client, new Arguments(new ReadOnlySpan<byte>(p, rewritten.Length), _scanner.Spans), ref at, _scanner.Length);
                }
                else
                {
                    Dispatch(client, new Arguments(new ReadOnlySpan<byte>(bytes + at, _scanner.Length), _scanner.Spans), ref at, _scanner.Length);
                }

                if (client.Fd < 0 || client.IsEnding)
                    return length;
                continue;
            }

            if (result == ScanResult.Nothing)
            {
                at += _scanner.Length;
                continue;
            }

            if (result == ScanResult.Broken)
            {
                Metrics.ProtocolErrors++;
                Answer(client, null, ReplyText.Error(_scanner.Error));
                client.IsEnding = true;
                WatchFor(client, client.Interest & ~Readable);
                return length;
            }

            if (TryBeginUpload(client, bytes + at, length - at))
                return length;
            // What is broken is told at once, as a server does. Of what is long already only the end is awaited: each look begins at its start.
            client.Need = client.WaitsForLine || length - at < ScratchSize / 4 ? 0 : _scanner.Length;
            break;
        }

        return at;
    }

    private void Dispatch(Client client, in Arguments request, ref int at, int length)
    {
        // A command that has to wait for the line to be empty is looked at again then.
        if (Dispatch(client, request))
            at += length;
    }

    /// <summary>The client may take commands again, perhaps: looked at when the turn's events are done.</summary>
    private void ResumeSoon(Client client)
    {
        if (client.IsResuming || client.Fd < 0)
            return;
        client.IsResuming = true;
        _resuming.Add(client);
    }

    private void Resume()
    {
        for (var i = 0; i < _resuming.Count; i++)
        {
            var client = _resuming[i];
            client.IsResuming = false;
            if (client.Fd < 0)
                continue;
            if (client.IsEnding)
            {
                CloseWhenDone(client);
                continue;
            }

            if (client.Upload is not null || !client.MayTake)
                continue;
            if (client.Input is not null)
                TakeInput(client);
            if (client.Fd >= 0 && client.MayTake && !client.IsEnding)
                WatchFor(client, client.Interest | Readable);
        }

        _resuming.Clear();
    }

    private void FlushClient(Client client)
    {
        var isUnsent = client.Tls is { HasUnsent: true };
        var sent = isUnsent && client.Tls!.SendRest() < 0 ? -1 : client.Output.Flush(_pool, client);
        if (isUnsent && !client.Tls!.HasUnsent)
            client.ProgressAt = _now;
        if (sent < 0)
        {
            CloseClient(client);
            return;
        }

        if (sent > 0)
        {
            client.ProgressAt = _now;
            Metrics.BytesOut += sent;
            if (client.Input is not null && client.MayTake)
                ResumeSoon(client);
        }

        if (!client.HasOutput)
            WatchFor(client, client.Interest & ~Native.EPOLLOUT);
        else
            WatchFor(client, client.Interest | Native.EPOLLOUT | (MayReadAhead(client) ? Readable : 0));
        if (client.Holds is { } upstream && client.Output.Length <= HoldBelow)
            LetGo(upstream);
        if (client.IsEnding)
            CloseWhenDone(client);
    }

    private void CloseWhenDone(Client client)
    {
        if (client.Head is null && !client.HasOutput)
            CloseClient(client);
    }

    private void Queue(Client client, byte* bytes, int count)
    {
        if (client.Output.Length == 0)
            client.ProgressAt = _now;
        client.Output.Append(_pool, bytes, count);
        MarkDirty(client);
    }

    private void Queue(Client client, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* p = bytes)
            Queue(client, p, bytes.Length);
    }

    private void MarkDirty(Client client)
    {
        if (client.IsDirty)
            return;
        client.IsDirty = true;
        _dirtyClients.Add(client);
    }

    private void CloseClient(Client client)
    {
        if (client.Fd < 0)
            return;
        Unregister(client);
        _shared.Directory.Remove(client);
        Metrics.Clients--;
        _shared.Count(-1);
        if (client.Place is { } place)
            _clients.Remove(place);
        client.Place = null;
        if (client.IsTracked)
            _tracked.Remove(client);
        if (client.Holds is { } held)
            LetGo(held);
        if (client.Input is { } input)
            _pool.Release(input);
        client.Input = null;
        client.Output.Clear(_pool);
        client.Transaction = null;
        while (client.Head is { } request)
        {
            client.Head = request.ClientNext;
            request.ClientNext = null;
            request.Client = null;
            // What is still at a server, or waits for one, is let go when it comes back.
            if (request.Has(RequestFlags.Done))
                Free(request);
        }

        client.Tail = null;
        LetGoOfKept(client);
        ReleaseSessions(client);
    }
}
