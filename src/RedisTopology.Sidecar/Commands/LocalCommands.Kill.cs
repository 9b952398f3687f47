using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Commands;

/// <content>CLIENT KILL.</content>
public sealed partial class LocalCommands
{
    private void Kill(in Arguments request, ClientState client, ReplyWriter writer)
    {
        if (request.Count == 3)
        {
            // The old form: an address, and the client itself may be meant.
            var address = Text.GetString(request[2]);
            if (clients.All.FirstOrDefault(c => c.Address == address) is not { } found)
            {
                writer.Error("ERR No such client");
                return;
            }

            End(found, client);
            writer.Status("OK"u8);
            return;
        }

        if (!TryFilters(request, client, out var filters, out var error))
        {
            writer.Error(error);
            return;
        }

        var killed = 0;
        foreach (var one in clients.All.Where(c => filters.TrueForAll(f => f(c))).ToArray())
        {
            End(one, client);
            killed++;
        }

        writer.Number(killed);
    }

    private void End(ClientState victim, ClientState asking)
    {
        if (victim == asking)
            asking.IsQuitting = true;
        else
            clients.Kill(victim);
    }

    private static bool TryFilters(in Arguments request, ClientState client, out List<Predicate<ClientState>> filters, out string error)
    {
        filters = [];
        error = SyntaxError;
        var skipMe = true;
        if (request.Count % 2 != 0)
            return false;
        for (var i = 2; i < request.Count; i += 2)
        {
            var word = request[i];
            var value = Text.GetString(request[i + 1]);
            if (word.Is("ID"u8))
            {
                if (!TryInteger(request[i + 1], out var id) || id < 1)
                {
                    error = "ERR client-id should be greater than 0";
                    return false;
                }

                filters.Add(c => c.Id == id);
            }
            else if (word.Is("ADDR"u8))
            {
                filters.Add(c => c.Address == value);
            }
            else if (word.Is("LADDR"u8))
            {
                filters.Add(c => c.LocalAddress == value);
            }
            else if (word.Is("USER"u8))
            {
                if (value != "default")
                {
                    error = $"ERR No such user '{value}'";
                    return false;
                }
            }
            else if (word.Is("TYPE"u8))
            {
                if (!TryType(request[i + 1], out var type))
                {
                    error = $"ERR Unknown client type '{value}'";
                    return false;
                }

                filters.Add(c => TypeOf(c) == type);
            }
            else if (word.Is("MAXAGE"u8))
            {
                if (!TryInteger(request[i + 1], out var age) || age < 1)
                {
                    error = "ERR maxage is not an integer or out of range";
                    return false;
                }

                filters.Add(c => (Environment.TickCount64 - c.ConnectedAt) / 1000 >= age);
            }
            else if (word.Is("SKIPME"u8) && (request[i + 1].Is("YES"u8) || request[i + 1].Is("NO"u8)))
            {
                skipMe = request[i + 1].Is("YES"u8);
            }
            else
            {
                return false;
            }
        }

        if (skipMe)
            filters.Add(c => c != client);
        return true;
    }
}
