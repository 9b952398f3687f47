using System.Buffers;
using System.Buffers.Text;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Protocol;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Commands;

/// <summary>
/// SCAN over all shards, one server after another. It keeps the promise of SCAN: a key that is there from the first call to the last is returned at least once, also when its slot
/// moves from a server that has not been scanned yet to one that has, be it as a whole or key by key, and when a replica is promoted.
/// </summary>
/// <remarks>
/// For each SCAN: <see cref="Next"/>; then either ask the step's server with <see cref="WriteRequest"/> and answer with <see cref="WriteReply"/>, or, at the last step, ask all masters
/// for CLUSTER NODES and answer with <see cref="Finish"/>. That one looks which slots have moved since the scan began, or are moving; there are none nearly always, and the cursor is 0.
/// Else another pass is made over the servers that have them now, of which only keys of these slots are returned; and so on until nothing has moved during a pass.
/// A slot that moves away and back between two looks at the topology is seen by its master's epoch. Not covered: one of which some keys go away and come back between two looks, and that stays its master's own; a master that is restarted in place during a scan (its order of keys changes and nothing tells), and a scan of more than 18 hours.
/// </remarks>
/// <param name="moves">The process' one record of moved slots.</param>
public sealed class ScanWalk(SlotMoves moves)
{
    private readonly ScanMemory _memory = new();
    private ScanOrder? _order;

    /// <summary>What to do for a SCAN.</summary>
    /// <param name="cursor">The client's cursor.</param>
    /// <param name="map">The map in force.</param>
    /// <returns>The step. When it has no server and is not the last, nothing can be asked now: an error of the cluster being down is due.</returns>
    public ScanStep Next(ulong cursor, ClusterMap map)
    {
        if (!ScanCursor.IsCursor(cursor) && !ScanCursor.IsToken(cursor))
            cursor = 0;
        moves.Observe(map, anew: cursor == 0);
        var order = Order(map);
        if (ScanCursor.IsToken(cursor))
            return _memory.Find(cursor) is { } place ? Step(order, place) : Next(0, map);
        if (cursor == 0)
            return order.Next(0, null) is not ScanCursor.End and var first ? Step(order, new(moves.Now, 0, first, 0, null, null)) : new();
        var at = ScanCursor.Decode(cursor);
        return Step(order, new(at.StartedAt(moves.Now), 0, at.Tag, at.Server, null, null));
    }

    /// <summary>Writes the request for the step's server: the client's, with the server's cursor.</summary>
    /// <param name="request">The client's SCAN.</param>
    /// <param name="step">The step.</param>
    /// <param name="output">Receives the request.</param>
    public static void WriteRequest(in Arguments request, ScanStep step, IBufferWriter<byte> output)
    {
        var writer = new ReplyWriter(output, 2);
        Span<byte> number = stackalloc byte[20];
        Utf8Formatter.TryFormat(step.ServerCursor, number, out var length);
        writer.Array(request.Count);
        for (var i = 0; i < request.Count; i++)
            writer.Bulk(i == 1 ? number[..length] : request[i]);
    }

    /// <summary>Writes the client's reply to a step that is not the last.</summary>
    /// <param name="step">The step.</param>
    /// <param name="reply">The server's reply, whole; an error is passed on.</param>
    /// <param name="map">The map in force.</param>
    /// <param name="output">Receives the reply.</param>
    public void WriteReply(ScanStep step, ReadOnlySpan<byte> reply, ClusterMap map, IBufferWriter<byte> output)
    {
        var writer = new ReplyWriter(output, 2);
        var place = step.Place ?? throw new ArgumentException("No step of a scan.", nameof(step));
        var at = ReplyScan.Header(reply).Length;
        if (reply[0] != '*' || !Utf8Parser.TryParse(ReplyScan.Content(reply[at..]), out ulong server, out _))
        {
            writer.Raw(reply);
            return;
        }

        var tag = server == 0 ? Order(map).Next(place.Tag, place.Nodes) : place.Tag;
        WriteCursor(writer, Encode(place with { Tag = tag, Server = server }));
        at += ReplyScan.Length(reply[at..]);
        if (place.Slots is null)
            writer.Raw(reply[at..]);
        else
            WriteKeys(writer, reply[at..], place.Slots);
    }

    /// <summary>Writes the client's reply to the last step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="answers">What the masters said to CLUSTER NODES, the text within their replies. Those that did not answer may be left out: a move that the map does not show yet
    /// is then not seen.</param>
    /// <param name="map">The map in force.</param>
    /// <param name="output">Receives the reply: no keys, and the cursor 0 unless there is more to do.</param>
    public void Finish(ScanStep step, IEnumerable<(Node Node, ReadOnlyMemory<byte> ClusterNodes)> answers, ClusterMap map, IBufferWriter<byte> output)
    {
        var place = step.Place ?? throw new ArgumentException("No step of a scan.", nameof(step));
        moves.Observe(map, anew: true);
        foreach (var (node, text) in answers)
            moves.Observe(node, text.Span);
        var writer = new ReplyWriter(output, 2);
        var (slots, seen) = place.Slots is null ? moves.Since(place.Start) : moves.After(place.Moves);
        if (slots.IsEmpty)
        {
            WriteCursor(writer, 0);
        }
        else
        {
            var nodes = moves.Holders(slots);
            WriteCursor(writer, _memory.Keep(new(place.Start, seen, Order(map).Next(0, nodes), 0, slots, nodes)));
        }

        writer.Array(0);
    }

    private static void WriteCursor(ReplyWriter writer, ulong cursor)
    {
        Span<byte> number = stackalloc byte[20];
        Utf8Formatter.TryFormat(cursor, number, out var length);
        writer.Array(2);
        writer.Bulk(number[..length]);
    }

    private static void WriteKeys(ReplyWriter writer, ReadOnlySpan<byte> keys, SlotSet slots)
    {
        var (_, count, header) = ReplyScan.Header(keys);
        var kept = 0;
        foreach (var pass in (ReadOnlySpan<bool>)[false, true])
        {
            if (pass)
                writer.Array(kept);
            var at = header;
            for (var i = 0; i < count; i++)
            {
                var length = ReplyScan.Length(keys[at..]);
                if (slots.Contains(HashSlot.Of(ReplyScan.Content(keys[at..]))))
                {
                    kept++;
                    if (pass)
                        writer.Raw(keys.Slice(at, length));
                }

                at += length;
            }
        }
    }

    private static ScanStep Step(ScanOrder order, ScanMemory.Place place)
    {
        // Not a master any more: its slots have moved, and are looked after in the end.
        if (place.Tag != ScanCursor.End && order.Find(place.Tag) is null)
            place = place with { Tag = order.Next(place.Tag, place.Nodes), Server = 0 };
        return new() { Node = order.Find(place.Tag), Place = place };
    }

    private ulong Encode(ScanMemory.Place place)
    {
        var cursor = new ScanCursor(ScanCursor.StartOf(place.Start), place.Tag, place.Server);
        return place.Slots is null && cursor.Fits ? cursor.Encode() : _memory.Keep(place);
    }

    private ScanOrder Order(ClusterMap map)
    {
        var order = Volatile.Read(ref _order);
        if (order is null || !ReferenceEquals(order.Map, map))
            Volatile.Write(ref _order, order = new(map));
        return order;
    }
}
