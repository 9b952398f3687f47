using System.Collections.Immutable;
using StackExchange.Redis;

namespace RedisTopology.Operator.Redis;

/// <summary>Reads what a server says of a user.</summary>
internal static class UserParser
{
    /// <summary>The passwords of a user.</summary>
    /// <param name="reply">Reply of <c>ACL GETUSER</c>: names and values in turn.</param>
    /// <returns>Each as SHA-256, 64 hexadecimal digits.</returns>
    public static ImmutableHashSet<string> Passwords(RedisResult reply)
    {
        if (reply.Resp2Type != ResultType.Array || reply.IsNull)
            return [];
        var fields = (RedisResult[])reply!;
        for (var i = 0; i + 1 < fields.Length; i += 2)
        {
            if ((string?)fields[i] == "passwords")
                return [.. (string[])fields[i + 1]!];
        }

        return [];
    }
}
