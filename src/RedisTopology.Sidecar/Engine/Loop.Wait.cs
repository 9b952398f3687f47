using System.Buffers.Text;
using System.Globalization;
using System.Text;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// WAIT: how many replicas have all that a client wrote. Servers tell up to which moment each replica has what its master acknowledged (asked for anyway, for reads from replicas), and the
/// client's last write is compared with that. Of several shards that it wrote to, the one with the fewest counts. Within a transaction a server answers, at once.
/// </summary>
internal sealed unsafe partial class Loop
{
    private readonly List<(Request Request, int Replicas, long Until)> _waits = [];

    private bool Wait(Client client, CommandInfo command, in Arguments request)
    {
        // Writes that are under way count.
        if (client.Head is not null)
            return WaitForLine(client);
        if (!TryNumber(request[1], out var replicas) || replicas > int.MaxValue)
            return Refuse(client, "ERR value is not an integer or out of range");
        if (!TryNumber(request[2], out var timeout))
            return Refuse(client, "ERR timeout is not an integer or out of range");
        if (timeout < 0)
            return Refuse(client, "ERR timeout is negative");
        var have = ReplicasThatHave(client);
        if (have >= replicas)
        {
            client.WroteTo = 0;
            Answer(client, command, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $":{have}\r\n")));
            return true;
        }

        (client.IsHeld, client.IsWaiting) = (true, true);
        _waits.Add((Begin(client, command, -1, RequestFlags.Barrier), (int)replicas, timeout == 0 || timeout > long.MaxValue - _now ? long.MaxValue : _now + timeout));
        return true;
    }

    private void AnswerWaits()
    {
        for (var i = _waits.Count - 1; i >= 0; i--)
        {
            var (request, replicas, until) = _waits[i];
            if (request.Client is not { } client)
            {
                _waits.RemoveAt(i);
                Free(request);
                continue;
            }

            var have = ReplicasThatHave(client);
            if (have < replicas && _now < until)
                continue;
            _waits.RemoveAt(i);
            (client.IsWaiting, client.WroteTo) = (false, 0);
            Complete(request, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $":{have}\r\n")));
        }
    }

    private void UnblockWait(Client client, bool error)
    {
        var at = _waits.FindIndex(w => w.Request.Client == client);
        if (at < 0)
            return;
        var request = _waits[at].Request;
        _waits[at] = _waits[at] with { Until = 0 };
        if (!error)
        {
            AnswerWaits();
            return;
        }

        _waits.RemoveAt(at);
        (client.IsWaiting, client.WroteTo) = (false, 0);
        Complete(request, Unblocked);
    }

    private int ReplicasThatHave(Client client)
    {
        var (least, found) = (int.MaxValue, 0UL);
        foreach (var shard in _map.Shards)
        {
            if (shard.Master is not { } master || (client.WroteTo != 0 && (client.WroteTo & (1UL << master.Index)) == 0))
                continue;
            found |= 1UL << master.Index;
            var have = 0;
            foreach (var replica in shard.Replicas)
                have += client.WroteTo == 0 ? replica.InSync ? 1 : 0 : replica.CaughtUpTo > client.WroteAt ? 1 : 0;
            least = Math.Min(least, have);
        }

        // A master it wrote to is none any more: whether its successor has those writes, nobody knows.
        return least == int.MaxValue || (client.WroteTo & ~found) != 0 ? 0 : least;
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, out long number) => Utf8Parser.TryParse(text, out number, out var used) && used == text.Length;
}
