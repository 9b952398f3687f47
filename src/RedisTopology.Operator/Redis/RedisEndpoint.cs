using System.Net;
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
}
