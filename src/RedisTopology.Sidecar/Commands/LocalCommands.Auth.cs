using System.Buffers;
using System.Security.Cryptography;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Commands;

/// <content>AUTH and HELLO.</content>
public sealed partial class LocalCommands
{
    private const string NoPasswordSet = "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?";
    private const string HelloNeedsAuth =
        "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select " +
        "the RESP protocol version at the same time";

    private void Auth(in Arguments request, ClientState client, ReplyWriter writer)
    {
        if (request.Count > 3)
            writer.Error(SyntaxError);
        else if (request.Count == 2 && facts().ClientPassword is null)
            writer.Error(NoPasswordSet);
        else if (Authenticate(client, request.Count == 3 ? request[1] : "default"u8, request[request.Count - 1]))
            writer.Status("OK"u8);
        else
            writer.Error(WrongPassword);
    }

    private bool Authenticate(ClientState client, ReadOnlySpan<byte> user, ReadOnlySpan<byte> password)
    {
        var wanted = facts().ClientPassword;
        if (!user.SequenceEqual("default"u8) || (wanted is not null && !CryptographicOperations.FixedTimeEquals(wanted, password)))
            return false;
        client.NeedsPassword = false;
        return true;
    }

    private void Hello(in Arguments request, ClientState client, IBufferWriter<byte> reply)
    {
        var writer = new ReplyWriter(reply, client.Protocol);
        var protocol = client.Protocol;
        if (request.Count > 1)
        {
            if (!TryInteger(request[1], out var version))
            {
                writer.Error("ERR Protocol version is not an integer or out of range");
                return;
            }

            if (version is not (2 or 3))
            {
                writer.Error("NOPROTO unsupported protocol version");
                return;
            }

            protocol = (int)version;
        }

        string? name = null;
        var (user, password) = (0, 0);
        for (var i = 2; i < request.Count; i++)
        {
            var rest = request.Count - 1 - i;
            if (request[i].Is("AUTH"u8) && rest >= 2)
            {
                (user, password) = (i + 1, i + 2);
                i += 2;
            }
            else if (request[i].Is("SETNAME"u8) && rest >= 1)
            {
                name = Text.GetString(request[++i]);
                if (!IsPlain(name))
                {
                    writer.Error("ERR Client names cannot contain spaces, newlines or special characters.");
                    return;
                }
            }
            else
            {
                writer.Error($"ERR Syntax error in HELLO option '{Text.GetString(request[i])}'");
                return;
            }
        }

        if (user > 0 && !Authenticate(client, request[user], request[password]))
        {
            writer.Error(WrongPassword);
            return;
        }

        if (client.NeedsPassword)
        {
            writer.Error(HelloNeedsAuth);
            return;
        }

        client.Name = name ?? client.Name;
        client.Protocol = protocol;
        if (protocol != 3)
            client.Tracking = Tracking.None;
        Greet(client, new(reply, protocol));
    }

    private void Greet(ClientState client, ReplyWriter writer)
    {
        var now = facts();
        writer.Map(7);
        writer.Bulk("server"u8);
        writer.Bulk(now.Server);
        writer.Bulk("version"u8);
        writer.Bulk(now.Version);
        writer.Bulk("proto"u8);
        writer.Number(client.Protocol);
        writer.Bulk("id"u8);
        writer.Number(client.Id);
        writer.Bulk("mode"u8);
        writer.Bulk("standalone"u8);
        writer.Bulk("role"u8);
        writer.Bulk("master"u8);
        writer.Bulk("modules"u8);
        writer.Array(0);
    }
}
