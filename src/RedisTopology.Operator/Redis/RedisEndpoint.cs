using System.Net;
using System.Net.Sockets;
using RedisTopology.Operator.Manifests;

namespace RedisTopology.Operator.Redis;

/// <summary>Where a server listens.</summary>
internal static class RedisEndpoint
{
    /// <summary>The endpoint of a server.</summary>
    /// <param name="address">The pod's IP address; <c>address:port</c> for a server that is in no pod, which only tests have.</param>
    /// <returns>Address and port.</returns>
    public static IPEndPoint Of(string address)
    {
        if (IPAddress.TryParse(address, out var ip))
            return new IPEndPoint(ip, StatefulSetManifest.RedisPort);
        return IPEndPoint.Parse(address);
    }

    /// <summary>Whether anything listens, now: a connection is opened and closed.</summary>
    /// <param name="address">As above.</param>
    /// <param name="limit">How long it is waited for.</param>
    /// <returns>Success: something does. ConnectionRefused: the address lives, and nothing does. Else it is not known; TimedOut when there was no answer.</returns>
    public static async Task<SocketError> KnockAsync(string address, TimeSpan limit)
    {
        var endpoint = Of(address);
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var bound = new CancellationTokenSource(limit);
        try
        {
            await socket.ConnectAsync(endpoint, bound.Token);
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
        catch (OperationCanceledException)
        {
            return SocketError.TimedOut;
        }
    }
}
