using System.Buffers;
using System.Text;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Commands;

/// <summary>
/// The commands that the sidecar answers itself, in the words of a standalone server: a client that knows only such servers must find nothing to wonder at.
/// </summary>
/// <param name="facts">Asked for each answer that needs it, so that a changed password or a new version of the servers counts at once.</param>
/// <param name="clients">The sidecar's clients.</param>
public sealed partial class LocalCommands(Func<LocalFacts> facts, IClients clients)
{
    /// <summary>What a client hears that has not authenticated.</summary>
    public const string NoAuth = "NOAUTH Authentication required.";

    private const string WrongPassword = "WRONGPASS invalid username-password pair or user is disabled.";
    private const string SyntaxError = "ERR syntax error";
    private const string NoInteger = "ERR value is not an integer or out of range";
    private static readonly Encoding Text = Encoding.Latin1;

    /// <summary>Answers a request of <see cref="Route.Local"/> and changes <paramref name="client"/> as it says. The number of arguments has been checked.</summary>
    /// <param name="command">The request's command.</param>
    /// <param name="request">The request.</param>
    /// <param name="client">Who sent it.</param>
    /// <param name="reply">Receives the reply, in the client's protocol; nothing at all for CLIENT REPLY OFF and SKIP.</param>
    /// <returns>False when the servers are to be asked, as <see cref="Route.Local"/> says; nothing has been written then.</returns>
    public bool TryAnswer(CommandInfo command, in Arguments request, ClientState client, IBufferWriter<byte> reply)
    {
        var writer = new ReplyWriter(reply, client.Protocol);
        switch (command.Name)
        {
            case "PING":
                Ping(request, client, writer);
                break;
            case "ECHO":
                writer.Bulk(request[1]);
                break;
            case "SELECT":
                Select(request, writer);
                break;
            case "QUIT":
                client.IsQuitting = true;
                writer.Status("OK"u8);
                break;
            case "RESET":
                Reset(client);
                writer.Status("RESET"u8);
                break;
            case "READONLY" or "READWRITE":
                client.ReadsFromMaster = command.Name == "READWRITE";
                writer.Status("OK"u8);
                break;
            case "AUTH":
                Auth(request, client, writer);
                break;
            case "HELLO":
                Hello(request, client, reply);
                break;
            case "ACL WHOAMI":
                writer.Bulk("default"u8);
                break;
            case "ROLE":
                writer.Raw("*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"u8);
                break;
            case "CONFIG GET":
                return ConfigGet(request, writer);
            case "INFO":
                return Info(request, writer);
            default:
                if (command.Name.StartsWith("CLIENT ", StringComparison.Ordinal))
                    ClientCommand(command, request, client, writer);
                else if (request.Count > 1)
                    writer.Error($"ERR unknown subcommand '{Short(request[1])}'. Try {command.Name} HELP.");
                else
                    writer.Error($"ERR wrong number of arguments for '{command.Name.ToLowerInvariant()}' command");
                break;
        }

        return true;
    }

    private static string Short(ReadOnlySpan<byte> word) => Text.GetString(word[..Math.Min(word.Length, 128)]);

    private static bool TryInteger(ReadOnlySpan<byte> text, out long value) => long.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, null, out value);

    private static void Ping(in Arguments request, ClientState client, ReplyWriter writer)
    {
        if (request.Count > 2)
        {
            writer.Error("ERR wrong number of arguments for 'ping' command");
        }
        else if (client is { IsSubscribed: true, Protocol: 2 })
        {
            // A RESP2 client in this state takes only what looks like a message.
            writer.Array(2);
            writer.Bulk("pong"u8);
            writer.Bulk(request.Count == 2 ? request[1] : default);
        }
        else if (request.Count == 2)
        {
            writer.Bulk(request[1]);
        }
        else
        {
            writer.Status("PONG"u8);
        }
    }

    private static void Select(in Arguments request, ReplyWriter writer)
    {
        if (!TryInteger(request[1], out var index))
            writer.Error(NoInteger);
        else if (index is < int.MinValue or > int.MaxValue)
            writer.Error("ERR value is out of range, value must between -2147483648 and 2147483647");
        else if (index != 0)
            writer.Error("ERR SELECT is not allowed in cluster mode");
        else
            writer.Status("OK"u8);
    }

    private void Reset(ClientState client)
    {
        client.Name = "";
        client.Protocol = 2;
        client.ReadsFromMaster = false;
        client.Tracking = Tracking.None;
        client.Replies = ReplyMode.On;
        client.NeedsPassword = facts().ClientPassword is not null;
    }
}
