using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RedisTopology.Testing.Load;

/// <summary>How a client verifies servers that speak TLS: as an application should, by authority, name and time.</summary>
/// <param name="ServerName">The name that their certificate has to be for.</param>
/// <param name="Authorities">The authorities, PEM, asked for at each new connection.</param>
public sealed record ClientTls(string ServerName, Func<string> Authorities)
{
    /// <summary>How a connection is encrypted and its server verified.</summary>
    public SslClientAuthenticationOptions Options()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(Authorities());
        return new() { TargetHost = ServerName, CertificateChainPolicy = policy };
    }
}
