using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RedisTopology.Sidecar.Tls;

/// <summary>TLS towards the applications: who we are, and whom we take for a client. Immutable; changed files make a new one, and clients that are connected stay.</summary>
public sealed class ListenTls
{
    private readonly SslStreamCertificateContext _identity;
    private readonly X509Certificate2Collection? _authorities;
    private readonly string? _caFile;

    internal ListenTls(SslStreamCertificateContext identity, string? caFile, X509Certificate2Collection? authorities) =>
        (_identity, _caFile, _authorities) = (identity, caFile, authorities);

    /// <summary>Makes the handshake on a connection of a client: TLS 1.2 or 1.3, and a certificate of the client's where there are authorities to verify it.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="verdict">Takes what is wrong with the client's certificate.</param>
    internal Task AuthenticateAsync(SslStream stream, PeerVerdict verdict) => stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
    {
        ServerCertificateContext = _identity,
        EnabledSslProtocols = TlsFiles.Protocols,
        AllowRenegotiation = false,
        ClientCertificateRequired = _authorities is not null,
        CertificateChainPolicy = _authorities is null ? null : TlsFiles.Policy(_authorities),
        RemoteCertificateValidationCallback = _authorities is null ? null : (_, certificate, chain, errors) => verdict.Accepts(certificate, chain, errors, null, $"listenTls.clientCaFile {_caFile}"),
    });
}
