using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Protocol;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Engine;

/// <summary>Commands that concern every shard, and those the sidecar answers itself.</summary>
internal sealed unsafe partial class Loop
{
    private ClusterMap? _slotsOf;
    private int[] _slotOfShard = [];

    private bool ByFanOut(Client client, CommandInfo command, in Arguments request)
    {
        if (command.IsWrite && client.Head is not null)
            return WaitForLine(client);
        if (command.Name == "SCRIPT LOAD" && request.Count == 3)
            _shared.Scripts.Add(request[2]);
        else if (command.Name == "SCRIPT FLUSH")
            _shared.Scripts.Clear();
        var slots = SlotsOfShards();
        if (slots.Length == 0)
            return ByAnyNode(client, command, request);
        var pieces = _pieces.TryPop(out var free) ? free : new Pieces();
        pieces.Reset(slots.Length, 0);
        pieces.Merge = command.Merge;
        if (command.Merge == Commands.Merge.Newest)
            pieces.Limit = LogMerger.Limit(request.Count > 2 ? request[2] : default);
        var parent = Begin(client, command, -1, RequestFlags.Parent | RequestFlags.Unsized | RequestFlags.MasterOnly | (command.IsWrite ? RequestFlags.None : RequestFlags.ReadOnly));
        parent.Pieces = pieces;
        if (command.IsWrite)
        {
            // FLUSHALL concerns every slot: nothing of this client is read before all have said so, and from replicas not before they have followed.
            parent.Flags |= RequestFlags.Barrier;
            client.IsHeld = true;
        }

        pieces.Owed++;
        for (var i = 0; i < slots.Length; i++)
        {
            var child = Piece(parent, command, i, slots[i]);
            fixed (byte* p = request.Frame)
                Send(child, p, request.Frame.Length);
        }

        PieceDone(parent);
        return true;
    }

    // One slot of each shard that has any: it leads to the shard's master, whoever that is when the command is sent.
    private int[] SlotsOfShards()
    {
        if (ReferenceEquals(_slotsOf, _map))
            return _slotOfShard;
        _slotsOf = _map;
        var found = new Dictionary<Shard, int>();
        for (var slot = 0; slot < HashSlot.Count; slot++)
        {
            if (_map.Of(slot) is { } shard)
                found.TryAdd(shard, slot);
        }

        return _slotOfShard = [.. found.Values];
    }

    private bool Local(Client client, CommandInfo command, in Arguments request)
    {
        if (command.Name == "RESET")
        {
            client.Transaction = null;
            Unwatch(client);
            if (client.Subscriptions is { } subscriptions)
            {
                subscriptions.Channels.Clear();
                subscriptions.Patterns.Clear();
                subscriptions.ShardChannels.Clear();
                subscriptions.Awaited.Clear();
                DropWhenEmpty(client, subscriptions);
            }
        }

        if (command.Name == "PING" && client.Subscriptions is { Count: > 0 } && client.State.Protocol == 2)
        {
            Answer(client, command, PongWhileSubscribed(request.Count > 1 ? request[1] : default));
            return true;
        }

        if (command.Name == "WAIT")
            return Wait(client, command, request);
        _reply.ResetWrittenCount();
        if (!_shared.Local.TryAnswer(command, request, client.State, _reply))
            return command.Merge == Commands.Merge.None ? ByAnyNode(client, command, request) : ByFanOut(client, command, request);
        if (client.IsTracked != (client.State.Tracking != Tracking.None))
            Track(client);
        // CLIENT REPLY OFF and SKIP are not answered at all.
        if (_reply.WrittenCount > 0)
            Answer(client, command, _reply.WrittenSpan);
        if (client.State.IsQuitting)
        {
            client.IsEnding = true;
            WatchFor(client, client.Interest & ~Readable);
            MarkDirty(client);
        }

        return true;
    }

    private static byte[] PongWhileSubscribed(ReadOnlySpan<byte> text)
    {
        using var reply = new MemoryStream();
        reply.Write("*2\r\n$4\r\npong\r\n$"u8);
        reply.Write(System.Text.Encoding.ASCII.GetBytes(text.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        reply.Write("\r\n"u8);
        reply.Write(text);
        reply.Write("\r\n"u8);
        return reply.ToArray();
    }
}
