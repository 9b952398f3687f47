using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Commands;

/// <content>CLIENT TRACKING and what belongs to it. The loop does the rest.</content>
public sealed partial class LocalCommands
{
    private const Tracking Modes = Tracking.OptIn | Tracking.OptOut;

    private static readonly (Tracking Flag, string Name)[] TrackingFlags = [(Tracking.On, "on"), (Tracking.OptIn, "optin"), (Tracking.OptOut, "optout"), (Tracking.NoLoop, "noloop")];

    private static void SetTracking(in Arguments request, ClientState client, ReplyWriter writer)
    {
        var asked = Tracking.On;
        for (var i = 3; i < request.Count; i++)
        {
            var option = request[i].Is("OPTIN"u8) ? Tracking.OptIn : request[i].Is("OPTOUT"u8) ? Tracking.OptOut : request[i].Is("NOLOOP"u8) ? Tracking.NoLoop : Tracking.None;
            if (option == Tracking.None)
            {
                writer.Error(request[i].Is("BCAST"u8) || request[i].Is("PREFIX"u8) ? "ERR BCAST is not available through the sidecar: without it a client is told of the keys that it has read"
                    : request[i].Is("REDIRECT"u8) ? "ERR REDIRECT is not available through the sidecar: use a connection that said HELLO 3, which is told itself" : SyntaxError);
                return;
            }

            asked |= option;
        }

        var error = request[2].Is("OFF"u8) ? null
            : !request[2].Is("ON"u8) ? SyntaxError
            : client.Protocol != 3 ? "ERR CLIENT TRACKING through the sidecar needs RESP3: say HELLO 3 first"
            : (asked & Modes) == Modes ? "ERR You can't specify both OPTIN mode and OPTOUT mode"
            : ((client.Tracking | asked) & Modes) == Modes
                ? "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode."
            : null;
        if (error is not null)
        {
            writer.Error(error);
            return;
        }

        client.Tracking = request[2].Is("ON"u8) ? asked : Tracking.None;
        writer.Status("OK"u8);
    }

    private static void SetCaching(in Arguments request, ClientState client, ReplyWriter writer)
    {
        var (yes, no) = (request[2].Is("YES"u8), request[2].Is("NO"u8));
        if (client.Tracking == Tracking.None)
            writer.Error("ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled");
        else if (yes && (client.Tracking & Tracking.OptIn) == 0)
            writer.Error("ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.");
        else if (no && (client.Tracking & Tracking.OptOut) == 0)
            writer.Error("ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.");
        else if (!yes && !no)
            writer.Error(SyntaxError);
        else
            writer.Status("OK"u8);
    }

    private static void TellTracking(ClientState client, ReplyWriter writer)
    {
        string[] flags = client.Tracking == Tracking.None ? ["off"] : [.. TrackingFlags.Where(f => (client.Tracking & f.Flag) != 0).Select(f => f.Name)];
        writer.Map(3);
        writer.Bulk("flags"u8);
        writer.Set(flags.Length);
        foreach (var flag in flags)
            writer.Bulk(Text.GetBytes(flag));
        writer.Bulk("redirect"u8);
        writer.Number(client.Tracking == Tracking.None ? -1 : 0);
        writer.Bulk("prefixes"u8);
        writer.Array(0);
    }
}
