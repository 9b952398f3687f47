using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RedisTopology.Operator.Certificates;

/// <summary>What the servers of a cluster are given: whom to trust, the one certificate they all show, and its key. Never changed in place.</summary>
internal sealed record ServerCertificates
{
    /// <summary>Key, and file, of the authorities that are trusted.</summary>
    public const string AuthoritiesKey = "ca.crt";

    /// <summary>Key, and file, of the certificate, and of those between it and its authority.</summary>
    public const string CertificateKey = "tls.crt";

    /// <summary>Key, and file, of the certificate's key.</summary>
    public const string PrivateKey = "tls.key";

    private readonly byte[] _leaf;

    private ServerCertificates(string authorities, string certificate, string key, X509Certificate2 leaf)
    {
        (Authorities, Certificate, Key) = (authorities, certificate, key);
        _leaf = leaf.RawData;
        Fingerprint = leaf.GetCertHashString(HashAlgorithmName.SHA256);
        Issuer = leaf.Issuer;
        End = leaf.NotAfter.ToUniversalTime();
    }

    /// <summary>The authorities, PEM.</summary>
    public string Authorities { get; private init; }

    /// <summary>The certificate, PEM.</summary>
    public string Certificate { get; }

    /// <summary>Its key, PEM.</summary>
    public string Key { get; }

    /// <summary>SHA-256 of the certificate: what a handshake shows.</summary>
    public string Fingerprint { get; }

    /// <summary>The name of its authority.</summary>
    public string Issuer { get; }

    /// <summary>Until when it is valid.</summary>
    public DateTimeOffset End { get; }

    /// <summary>When other authorities were last written down; null before.</summary>
    public DateTimeOffset? AuthoritiesSince { get; init; }

    /// <summary>The same with some authorities, as what follows others.</summary>
    /// <param name="former">What was written down before.</param>
    /// <param name="authorities">The authorities, PEM.</param>
    /// <param name="now">The time.</param>
    public ServerCertificates After(ServerCertificates former, string authorities, DateTimeOffset now) => this with
    {
        Authorities = authorities,
        AuthoritiesSince = authorities == former.Authorities ? former.AuthoritiesSince : DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()),
    };

    /// <summary>Whether the certificate is of one of some authorities, be it valid still or not.</summary>
    /// <param name="authorities">The authorities, PEM.</param>
    public bool IsIssuedBy(string authorities)
    {
        using var leaf = X509CertificateLoader.LoadCertificate(_leaf);
        using var chain = new X509Chain { ChainPolicy = Policy(authorities) };
        chain.ChainPolicy.ExtraStore.ImportFromPem(Certificate);
        return chain.Build(leaf);
    }

    /// <summary>How a certificate is judged here: by these authorities alone, and whatever the time: one that has expired is the very thing that is to be mended.</summary>
    /// <param name="authorities">The authorities, PEM.</param>
    public static X509ChainPolicy Policy(string authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid,
        };
        policy.CustomTrustStore.AddRange(Pem.Read(authorities).ToArray());
        return policy;
    }

    /// <summary>The data of the Secret.</summary>
    public Dictionary<string, byte[]> ToData() => new()
    {
        [AuthoritiesKey] = Encoding.UTF8.GetBytes(Authorities),
        [CertificateKey] = Encoding.UTF8.GetBytes(Certificate),
        [PrivateKey] = Encoding.UTF8.GetBytes(Key),
    };

    /// <summary>Reads the data of a Secret.</summary>
    /// <param name="data">The data.</param>
    /// <param name="since">When other authorities were last written down, as <see cref="SinceText"/> has it; null for never.</param>
    /// <returns>The certificates; or null, and what is wrong as a predicate, with the remedy.</returns>
    public static (ServerCertificates? Certificates, string? Trouble) Read(IDictionary<string, byte[]>? data, string? since = null)
    {
        foreach (var key in (string[])[AuthoritiesKey, CertificateKey, PrivateKey])
        {
            if (data?.TryGetValue(key, out var bytes) != true || bytes is not { Length: > 0 })
                return (null, $"has no key \"{key}\", or nothing in it; give it {AuthoritiesKey}, {CertificateKey} and {PrivateKey}, each as PEM");
        }

        var (authorities, certificate, secret) = (Text(data![AuthoritiesKey]), Text(data[CertificateKey]), Text(data[PrivateKey]));
        if (Pem.Read(authorities) is not { Count: > 0 } trusted)
            return (null, $"has no certificate in {AuthoritiesKey}; put that of the authority there, as PEM");
        trusted.ForEach(c => c.Dispose());
        if (Pem.Read(certificate) is not { Count: > 0 } chain)
            return (null, $"has no certificate in {CertificateKey}; put the servers' there, as PEM");
        chain.ForEach(c => c.Dispose());
        try
        {
            using var leaf = X509Certificate2.CreateFromPem(certificate, secret);
            return (new ServerCertificates(authorities, certificate, secret, leaf)
            {
                AuthoritiesSince = long.TryParse(since, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 100_000_000_000 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
            }, null);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return (null, $"has a {PrivateKey} that is not the key of the certificate in {CertificateKey}; give the one that belongs to it, RSA or ECDSA, as PEM and without a passphrase");
        }
    }

    /// <summary>When other authorities were last written down, as an annotation has it; null for never.</summary>
    public string? SinceText => AuthoritiesSince?.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>Equality is that of what is in the Secret.</summary>
    public bool Equals(ServerCertificates? other) => other is not null && (Authorities, Certificate, Key, AuthoritiesSince) == (other.Authorities, other.Certificate, other.Key, other.AuthoritiesSince);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Authorities, Fingerprint);

    /// <summary>Not the key.</summary>
    public override string ToString() => Fingerprint;

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
