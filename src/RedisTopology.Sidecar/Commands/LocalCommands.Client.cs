using System.Globalization;
using System.Text;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Commands;

/// <content>CLIENT and its subcommands.</content>
public sealed partial class LocalCommands
{
    private void ClientCommand(CommandInfo command, in Arguments request, ClientState client, ReplyWriter writer)
    {
        switch (command.Name)
        {
            case "CLIENT ID":
                writer.Number(client.Id);
                break;
            case "CLIENT GETNAME":
                if (client.Name.Length == 0)
                    writer.Null();
                else
                    writer.Bulk(Text.GetBytes(client.Name));
                break;
            case "CLIENT SETNAME":
                SetName(request, client, writer);
                break;
            case "CLIENT SETINFO":
                SetInfo(request, client, writer);
                break;
            case "CLIENT INFO":
                writer.Verbatim(Describe(client) + "\n");
                break;
            case "CLIENT LIST":
                List(request, writer);
                break;
            case "CLIENT KILL":
                Kill(request, client, writer);
                break;
            case "CLIENT UNBLOCK":
                Unblock(request, writer);
                break;
            case "CLIENT REPLY":
                SetReplies(request, client, writer);
                break;
            case "CLIENT NO-EVICT" or "CLIENT NO-TOUCH":
                // Nothing to do: the sidecar evicts no clients, and servers see its connections, not the client.
                if (request[2].Is("ON"u8) || request[2].Is("OFF"u8))
                    writer.Status("OK"u8);
                else
                    writer.Error(SyntaxError);
                break;
            case "CLIENT TRACKING":
                SetTracking(request, client, writer);
                break;
            case "CLIENT CACHING":
                SetCaching(request, client, writer);
                break;
            case "CLIENT GETREDIR":
                writer.Number(client.Tracking == Tracking.None ? -1 : 0);
                break;
            case "CLIENT TRACKINGINFO":
                TellTracking(client, writer);
                break;
            default:
                // UNPAUSE: nothing is paused. CAPA: a server says OK to what it does not know.
                writer.Status("OK"u8);
                break;
        }
    }

    private static bool IsPlain(string text) => text.All(c => c is >= '!' and <= '~');

    private static void SetName(in Arguments request, ClientState client, ReplyWriter writer)
    {
        var name = Text.GetString(request[2]);
        if (!IsPlain(name))
        {
            writer.Error("ERR Client names cannot contain spaces, newlines or special characters.");
            return;
        }

        client.Name = name;
        writer.Status("OK"u8);
    }

    private static void SetInfo(in Arguments request, ClientState client, ReplyWriter writer)
    {
        var isName = request[2].Is("LIB-NAME"u8);
        if (!isName && !request[2].Is("LIB-VER"u8))
        {
            writer.Error($"ERR Unrecognized option '{Text.GetString(request[2])}'");
            return;
        }

        var value = Text.GetString(request[3]);
        if (!IsPlain(value))
        {
            writer.Error($"ERR {(isName ? "lib-name" : "lib-ver")} cannot contain spaces, newlines or special characters.");
            return;
        }

        if (isName)
            client.LibraryName = value;
        else
            client.LibraryVersion = value;
        writer.Status("OK"u8);
    }

    private static void SetReplies(in Arguments request, ClientState client, ReplyWriter writer)
    {
        if (request[2].Is("ON"u8))
        {
            client.Replies = ReplyMode.On;
            writer.Status("OK"u8);
        }
        else if (request[2].Is("OFF"u8))
        {
            client.Replies = ReplyMode.Off;
        }
        else if (!request[2].Is("SKIP"u8))
        {
            writer.Error(SyntaxError);
        }
        else if (client.Replies != ReplyMode.Off)
        {
            client.Replies = ReplyMode.SkipNext;
        }
    }

    private void List(in Arguments request, ReplyWriter writer)
    {
        IEnumerable<ClientState> listed = clients.All;
        if (request.Count == 4 && request[2].Is("TYPE"u8))
        {
            if (!TryType(request[3], out var type))
            {
                writer.Error($"ERR Unknown client type '{Text.GetString(request[3])}'");
                return;
            }

            listed = listed.Where(c => TypeOf(c) == type);
        }
        else if (request.Count > 3 && request[2].Is("ID"u8))
        {
            var ids = new HashSet<long>();
            for (var i = 3; i < request.Count; i++)
            {
                if (!TryInteger(request[i], out var id))
                {
                    writer.Error("ERR Invalid client ID");
                    return;
                }

                ids.Add(id);
            }

            listed = listed.Where(c => ids.Contains(c.Id));
        }
        else if (request.Count != 2)
        {
            writer.Error(SyntaxError);
            return;
        }

        var text = new StringBuilder();
        foreach (var one in listed)
            text.Append(Describe(one)).Append('\n');
        writer.Verbatim(text.ToString());
    }

    private void Unblock(in Arguments request, ReplyWriter writer)
    {
        var error = request.Count == 4 && request[3].Is("ERROR"u8);
        if (request.Count > 4 || (request.Count == 4 && !error && !request[3].Is("TIMEOUT"u8)))
            writer.Error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
        else if (!TryInteger(request[2], out var id))
            writer.Error(NoInteger);
        else
            writer.Number(clients.All.FirstOrDefault(c => c.Id == id) is { } blocked && clients.Unblock(blocked, error) ? 1 : 0);
    }

    private static string TypeOf(ClientState client) => client.IsSubscribed ? "pubsub" : "normal";

    private static bool TryType(ReadOnlySpan<byte> word, out string type)
    {
        type = word.Is("NORMAL"u8) ? "normal" : word.Is("PUBSUB"u8) ? "pubsub" : word.Is("MASTER"u8) ? "master" : word.Is("REPLICA"u8) || word.Is("SLAVE"u8) ? "replica" : "";
        return type.Length > 0;
    }

    // Every field that a server has and that means something here, in its order: clients split at blanks and '='.
    private static string Describe(ClientState client)
    {
        var now = Environment.TickCount64;
        var flags = (client.IsSubscribed ? "P" : "") + (client.Queued >= 0 ? "x" : "") + (client.Blocked ? "b" : "") + (client.Tracking != Tracking.None ? "t" : "");
        return string.Create(CultureInfo.InvariantCulture, $"id={client.Id} addr={client.Address} laddr={client.LocalAddress} fd=-1 name={client.Name} age={(now - client.ConnectedAt) / 1000} ") +
            string.Create(CultureInfo.InvariantCulture, $"idle={(now - client.LastCommandAt) / 1000} flags={(flags.Length == 0 ? "N" : flags)} db=0 sub={client.Subscriptions.Channels} ") +
            string.Create(CultureInfo.InvariantCulture, $"psub={client.Subscriptions.Patterns} ssub={client.Subscriptions.ShardChannels} multi={client.Queued} user=default redir=-1 ") +
            string.Create(CultureInfo.InvariantCulture, $"resp={client.Protocol} lib-name={client.LibraryName} lib-ver={client.LibraryVersion}");
    }
}
