using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Commands;

/// <summary>Which requests of <see cref="Route.Blocking"/> commands wait.</summary>
public static class BlockingCalls
{
    /// <summary>Whether a request may wait on its server. XREAD and XREADGROUP do only with BLOCK; without it they go the way of <see cref="Route.Slot"/>.</summary>
    /// <param name="command">A command of <see cref="Route.Blocking"/>.</param>
    /// <param name="request">The request.</param>
    /// <returns>True when it needs a connection of its own.</returns>
    public static bool MayBlock(CommandInfo command, in Arguments request)
    {
        if (command.Keys != KeyRule.Streams)
            return true;
        for (var i = 1; i < request.Count; i += 1 + Parameters(request[i]))
        {
            if (request[i].Is("BLOCK"u8))
                return true;
            if (request[i].Is("STREAMS"u8))
                return false;
        }

        return false;
    }

    /// <summary>How many arguments belong to one that stands before STREAMS.</summary>
    /// <param name="word">The argument.</param>
    internal static int Parameters(ReadOnlySpan<byte> word) => word.Is("GROUP"u8) ? 2 : word.Is("BLOCK"u8) || word.Is("COUNT"u8) || word.Is("CLAIM"u8) ? 1 : 0;
}
