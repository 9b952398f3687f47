using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace RedisTopology.Testing;

/// <summary>Copies everything but the host and the credentials, which are the proxy's own.</summary>
internal sealed class ForwardTransformer(AuthenticationHeaderValue? authorization) : HttpTransformer
{
    public AuthenticationHeaderValue? Authorization => authorization;

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.Headers.Host = null;
        proxyRequest.Headers.Authorization = authorization;
    }
}
