using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using RedisTopology.Operator.Certificates;

namespace RedisTopology.Operator.Redis;

/// <summary>How servers that speak TLS are told from others: by their authorities and by the one name all of them have, whichever address they are reached at.</summary>
/// <param name="Name">The name.</param>
/// <param name="Authorities">The authorities, PEM.</param>
internal sealed record ServerTrust(string Name, string Authorities)
{
    /// <summary>How a connection is encrypted and its server verified.</summary>
    public SslClientAuthenticationOptions Options() => new()
    {
        TargetHost = Name,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateChainPolicy = ServerCertificates.Policy(Authorities),
    };

    /// <summary>The certificate a server shows to who connects now.</summary>
    /// <param name="endpoint">The server.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <returns>Its SHA-256, in hexadecimal digits; null when the server is not reached or is not one of the cluster.</returns>
    public async Task<string?> FingerprintAsync(IPEndPoint endpoint, TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endpoint, limit.Token);
            await using var stream = new SslStream(new NetworkStream(socket));
            await stream.AuthenticateAsClientAsync(Options(), limit.Token);
            return stream.RemoteCertificate?.GetCertHashString(HashAlgorithmName.SHA256);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
            return null;
        }
    }
}
