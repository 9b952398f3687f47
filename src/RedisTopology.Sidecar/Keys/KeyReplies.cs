using RedisTopology.Sidecar.Commands;

namespace RedisTopology.Sidecar.Keys;

/// <summary>Which commands' replies carry keys, and where. A test goes through the whole table of commands.</summary>
internal static class KeyReplies
{
    private static readonly KeyReply[] ByCommand = [.. CommandTable.All.Select(c => Find(c.Name))];

    /// <summary>Where the reply of a command carries keys.</summary>
    /// <param name="command">The command.</param>
    /// <returns>The place.</returns>
    public static KeyReply Of(CommandInfo command) => ByCommand[command.Id];

    // What COMMAND GETKEYS answers are arguments of its own, which are not mapped on their way in.
    private static KeyReply Find(string name) => name switch
    {
        "RANDOMKEY" => KeyReply.Key,
        "KEYS" => KeyReply.Keys,
        "SCAN" => KeyReply.Scan,
        "BLPOP" or "BRPOP" or "BZPOPMIN" or "BZPOPMAX" or "LMPOP" or "ZMPOP" or "BLMPOP" or "BZMPOP" => KeyReply.First,
        "XREAD" or "XREADGROUP" => KeyReply.Streams,
        "SLOWLOG GET" or "COMMANDLOG GET" => KeyReply.Anywhere,
        "PUBSUB CHANNELS" or "PUBSUB NUMSUB" => KeyReply.Channels,
        "XPENDING" or "XCLAIM" or "XAUTOCLAIM" or "XINFO CONSUMERS" or "XINFO GROUPS" or "XINFO STREAM" or "XGROUP CREATECONSUMER" or "XGROUP DELCONSUMER" or "XGROUP SETID" => KeyReply.Error,
        _ => KeyReply.None,
    };
}
