using System.Net;
using RedisTopology.Testing.Load;

namespace RedisTopology.Testing;

/// <summary>
/// One command and its reply on a connection of its own. The harness has no client library: what it observes must not depend on the client under test.
/// </summary>
internal static class RespCall
{
    /// <exception cref="RespErrorException">The server answered with an error.</exception>
    public static async Task<object?> ExecuteAsync(IPEndPoint server, string? password, string[] command, CancellationToken ct)
    {
        using var connection = await RespConnection.ConnectAsync(server, null, ct);
        if (password is not null)
            ThrowIfError(await connection.ExchangeAsync([["AUTH", password]], ct));
        var reply = await connection.ExchangeAsync([command], ct);
        ThrowIfError(reply);
        return reply;
    }

    private static void ThrowIfError(object? reply)
    {
        if (reply is RespError error)
            throw new RespErrorException(error.Message);
        foreach (var item in reply as object?[] ?? [])
            ThrowIfError(item);
    }
}
