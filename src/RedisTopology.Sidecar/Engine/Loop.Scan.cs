using System.Text;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Protocol;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Engine;

/// <summary>SCAN, which asks one server after another, and what others ask of a loop's clients.</summary>
internal sealed unsafe partial class Loop
{
    /// <summary>Disconnects a client.</summary>
    public void Kill(Client client)
    {
        if (client.Fd >= 0)
            CloseClient(client);
    }

    /// <summary>Ends a client's blocking command.</summary>
    public void Unblock(Client client, bool error)
    {
        if (client.IsWaiting)
        {
            UnblockSpread(client, error);
            UnblockWait(client, error);
            return;
        }

        // One that has just been answered is left alone.
        if (client.BlockedOn is not { } upstream || client.Head is null)
            return;
        client.BlockedOn = null;
        CloseUpstream(upstream, error ? Unblocked : ReplyText.NilArray(client.State.Protocol));
    }

    private static ReadOnlySpan<byte> Unblocked => "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n"u8;

    private bool ByScan(Client client, CommandInfo command, in Arguments request)
    {
        if (!ScanCursor.TryParse(request[1], out var cursor))
            return Refuse(client, "ERR invalid cursor");
        var step = _shared.Scan.Next(cursor, _map);
        if (step.IsLast)
            return FinishScan(client, command, step);
        if (step.Node is not { } node)
            return Refuse(client, "CLUSTERDOWN no server is known yet");
        _frame.ResetWrittenCount();
        ScanWalk.WriteRequest(request, step, _frame);
        AskNodes(client, command, [node], pieces => _shared.Scan.WriteReply(step, ReplyOf(pieces.Replies[0]!), _map, _merged));
        return true;
    }

    // All servers have been scanned: they say which slots they have now.
    private bool FinishScan(Client client, CommandInfo command, ScanStep step)
    {
        Node[] nodes = [.. _map.Shards.Select(s => s.Master).OfType<Node>()];
        _frame.ResetWrittenCount();
        Put(_frame, Words("CLUSTER", "NODES"));
        AskNodes(client, command, nodes, pieces =>
        {
            var answers = new List<(Node, ReadOnlyMemory<byte>)>();
            for (var i = 0; i < nodes.Length; i++)
            {
                var reply = ReplyOf(pieces.Replies[i]!);
                if (reply[0] is (byte)'$' or (byte)'=')
                    answers.Add((nodes[i], ReplyScan.Content(reply).ToArray()));
            }

            _shared.Scan.Finish(step, answers, _map, _merged);
        });
        return true;
    }

    // Asks certain servers, and no others, what is in the frame.
    private void AskNodes(Client client, CommandInfo command, Node[] nodes, Action<Pieces> finish)
    {
        var pieces = _pieces.TryPop(out var free) ? free : new Pieces();
        pieces.Reset(nodes.Length, 0);
        pieces.Finish = parent => finish(parent.Pieces!);
        var whole = Begin(client, command, -1, RequestFlags.Parent | RequestFlags.Unsized | RequestFlags.MasterOnly | RequestFlags.ReadOnly);
        whole.Pieces = pieces;
        pieces.Owed++;
        var frame = _frame.WrittenSpan.ToArray();
        for (var i = 0; i < nodes.Length; i++)
        {
            var child = Piece(whole, command, i, -1);
            child.Pinned = nodes[i];
            fixed (byte* p = frame)
                Send(child, p, frame.Length);
        }

        PieceDone(whole);
    }

    // HELLO's reply of a server tells what kind it is.
    private void Learn(ReadOnlySpan<byte> greeting)
    {
        var words = Encoding.ASCII.GetString(greeting).Split("\r\n");
        string? After(string name) => Array.IndexOf(words, name) is >= 0 and var at && at + 2 < words.Length ? words[at + 2] : null;
        if (After("server") is { } server && After("version") is { } version)
            _shared.Learned(server, version);
    }
}
