using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Keys;

namespace RedisTopology.Sidecar.Engine;

/// <summary>Great values on their way in: they go through a connection of their own, with no more of them in memory than the sockets ask for.</summary>
internal sealed unsafe partial class Loop
{
    // A value from this size on is passed on while it arrives.
    private const int UploadSize = 1 << 20;

    // So much may wait to be sent to the server before the client is not read any further.
    private const int UploadWindow = 1 << 20;

    // An unfinished request whose last known argument is great. True: it is taken care of, and all bytes with it.
    private bool TryBeginUpload(Client client, byte* bytes, int length)
    {
        var spans = _scanner.Spans;
        if (spans.Length < 2 || spans[^1].Length < UploadSize || client.Transaction is not null || !client.State.IsPlain)
            return false;
        var name = spans[0];
        if (CommandTable.Find(new ReadOnlySpan<byte>(bytes + name.Start, name.Length)) is not { OnlyKey: > 0 } command
            || command.OnlyKey >= spans.Length - 1 || !command.Takes(_scanner.Declared) || _refused[command.Id])
            return false;
        // Its lease has to go in the same step, and its origin may have to be asked: it is taken whole.
        var first = spans[command.OnlyKey];
        if (_population?.Find(new ReadOnlySpan<byte>(bytes + first.Start, first.Length)) is not null)
            return false;
        if (client.Head is not null)
        {
            // What came before is answered first: it may be about the same key, and goes another way.
            client.WaitsForLine = true;
            return false;
        }

        var key = spans[command.OnlyKey];
        ReadOnlySpan<byte> prefix = default;
        if (!_keys.IsKeyRange || !RequestMapper.Maps(command) || !_keys.TryPrefix(new ReadOnlySpan<byte>(bytes + key.Start, key.Length), out prefix, out var slot))
            slot = HashSlot.Of(new ReadOnlySpan<byte>(bytes + key.Start, key.Length));
        if (TakesWhole(client, slot))
            return false;
        var header = new ReadOnlySpan<byte>(bytes, length).IndexOf((byte)'\n') + 1;
        var upload = new Upload(_scanner.Declared);
        _ = upload.Advance(bytes + header, length - header);
        var request = Begin(client, command, slot, RequestFlags.Private | RequestFlags.Barrier | RequestFlags.Unsized | RequestFlags.Uploading | RequestFlags.Writing);
        Metrics.Commands[command.Id]++;
        (client.IsHeld, client.Upload, client.Need) = (true, upload, 0);
        var node = _map.Of(slot)?.Master;
        upload.Upstream = node is null ? null : Acquire(client, node);
        if (upload.Upstream is { } upstream)
            EnqueueUpload(upstream, request, bytes, length, key, prefix);
        else
            Complete(request, ReplyText.NoServerForUpload);
        return true;
    }

    // Where a value would most likely be refused (keys of the slot are going over to another server, or its master is away) it is kept, to be sent again like any other, as far as there is
    // room: for all clients together, until their lines are empty.
    private bool TakesWhole(Client client, int slot)
    {
        if (!_map.Held.Has(slot) && _map.Of(slot)?.Master is { RefusesSince: 0 })
            return false;
        var more = Math.Max(0, _scanner.Length - client.Kept);
        if (_shared.Keeping(more) > _options.FailoverBufferBytes)
        {
            _shared.Keeping(-more);
            return false;
        }

        client.Kept += more;
        return true;
    }

    private void LetGoOfKept(Client client)
    {
        _shared.Keeping(-client.Kept);
        client.Kept = 0;
    }

    // More of a great value.
    private void Continue(Client client, Upload upload)
    {
        if (upload.Upstream is { Fd: >= 0 } busy && busy.Queued - busy.Sent > UploadWindow)
        {
            WatchFor(client, client.Interest & ~Native.EPOLLIN);
            return;
        }

        var got = client.Receive(_scratch, ScratchSize);
        if (got <= 0)
        {
            // Half a request: nobody can make sense of it.
            if (got == 0 || Native.Errno is not (Native.EAGAIN or Native.EINTR))
                CloseClient(client);
            return;
        }

        Metrics.BytesIn += got;
        var taken = upload.Advance(_scratch, got);
        if (taken < 0)
        {
            Metrics.ProtocolErrors++;
            CloseClient(client);
            return;
        }

        if (upload.Upstream is { Fd: >= 0 } upstream)
            EnqueueRaw(upstream, _scratch, taken);
        if (!upload.IsDone)
            return;
        client.Upload = null;
        if (taken < got)
            Keep(client, _scratch + taken, got - taken);
        if (client.Head is null)
            client.IsHeld = false;
        ResumeSoon(client);
    }

    private void UploadMayGoOn(Client client, Upload upload)
    {
        if (upload.Upstream is not null && client.Fd >= 0)
            WatchFor(client, client.Interest | Readable);
    }

    // Bytes that belong to the last request in a server's line, or to none.
    private void EnqueueRaw(Upstream upstream, byte* bytes, int length)
    {
        while (length > 0)
        {
            if (upstream.SendTail is not { Free: > 0 } tail)
            {
                tail = _pool.Rent(ChunkPool.Large);
                Append(upstream, tail);
            }

            var part = Math.Min(length, tail.Free);
            Buffer.MemoryCopy(bytes, tail.Data + tail.Used, tail.Free, part);
            tail.Used += part;
            upstream.Queued += part;
            bytes += part;
            length -= part;
        }

        MarkDirty(upstream);
    }
}
