using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RedisTopology.Sidecar.Tls;

/// <summary>TLS towards the servers: whom to believe, and who we are. Immutable; changed files make a new one, and connections that are open stay.</summary>
public sealed class ServerTls
{
    private readonly X509Certificate2Collection _authorities;
    private readonly SslStreamCertificateContext? _identity;
    private readonly string _caFile;

    internal ServerTls(string serverName, string caFile, X509Certificate2Collection authorities, SslStreamCertificateContext? identity) =>
        (ServerName, _caFile, _authorities, _identity) = (serverName, caFile, authorities, identity);

    /// <summary>The name that every server's certificate must be for.</summary>
    public string ServerName { get; }

    /// <summary>Makes the handshake on a connection to a server: TLS 1.2 or 1.3, the chain verified against the authorities of the file and no others, and the name.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="verdict">Takes what is wrong with the server's certificate.</param>
    internal Task AuthenticateAsync(SslStream stream, PeerVerdict verdict) => stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
    {
        TargetHost = ServerName,
        EnabledSslProtocols = TlsFiles.Protocols,
        CertificateChainPolicy = TlsFiles.Policy(_authorities),
        ClientCertificateContext = _identity,
        AllowRenegotiation = false,
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) => verdict.Accepts(certificate, chain, errors, ServerName, $"tls.caFile {_caFile}"),
    });
}
