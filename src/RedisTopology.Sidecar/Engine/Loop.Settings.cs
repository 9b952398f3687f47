using System.Text;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Protocol;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Engine;

/// <summary>CONFIG SET, when it is not allowed: applications that want the servers to be as they are already, as many do at their start, hear OK, others what is missing.</summary>
internal sealed unsafe partial class Loop
{
    private bool BySettings(Client client, CommandInfo command, in Arguments request)
    {
        var wanted = new List<(string Name, string Value)>();
        for (var i = 2; i + 1 < request.Count; i += 2)
            wanted.Add((Encoding.Latin1.GetString(request[i]), Encoding.Latin1.GetString(request[i + 1])));
        Node[] masters = [.. _map.Shards.Select(s => s.Master).OfType<Node>()];
        if (client.Transaction is not null || request.Count % 2 != 0 || masters.Length == 0 || !wanted.TrueForAll(w => ServerSettings.IsShown(w.Name)))
            return Refuse(client, "ERR " + command.Refusal);
        _frame.ResetWrittenCount();
        Put(_frame, Words(["CONFIG", "GET", .. wanted.Select(w => w.Name)]));
        AskNodes(client, command, masters, pieces =>
        {
            if (FirstError(pieces, pieces.Count) is { } failed)
                Put(_merged, ReplyOf(failed));
            else
                Compare(wanted, pieces);
        });
        return true;
    }

    private void Compare(List<(string Name, string Value)> wanted, Pieces pieces)
    {
        var replies = pieces.Replies.Take(pieces.Count).Select(r => (ReadOnlyMemory<byte>)ReplyOf(r!).ToArray());
        var settings = ServerSettings.Merged(replies, _shared.Local.OwnSettings());
        foreach (var (name, value) in wanted)
        {
            var now = settings.GetValueOrDefault(name);
            if (now is not null && ServerSettings.Holds(name, now, value))
                continue;
            var found = now is null ? "unknown, or not the same at all of them" : $"'{now}' there";
            Put(_merged, ReplyText.Error($"ERR It changes how the servers run, which is their operator's business: {name} is {found}, and '{value}' belongs into spec.config of the CacheCluster"));
            return;
        }

        Put(_merged, ReplyText.Ok);
    }
}
