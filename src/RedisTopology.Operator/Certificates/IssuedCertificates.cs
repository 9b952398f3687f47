using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RedisTopology.Operator.Certificates;

/// <summary>Certificates that the operator issues itself, as they stand in a Secret: the authorities that are to be trusted, the newest first, and the certificate that is served.</summary>
/// <param name="Authorities">Certificates, PEM.</param>
/// <param name="AuthorityKey">The key of the newest, PEM.</param>
/// <param name="Served">The certificate, PEM.</param>
/// <param name="ServedKey">Its key, PEM.</param>
internal sealed record IssuedCertificates(string Authorities, string AuthorityKey, string Served, string ServedKey)
{
    /// <summary>The extended key usage of who is connected to.</summary>
    public const string ServerUse = "1.3.6.1.5.5.7.3.1";

    /// <summary>The extended key usage of who connects.</summary>
    public const string ClientUse = "1.3.6.1.5.5.7.3.2";

    /// <summary>Clocks of those who trust may be behind ours by this much.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1);

    /// <summary>What should be there, given what is: the same when nothing is to be done. An authority is announced before a certificate of it is served, and stays trusted until it has expired.</summary>
    /// <param name="current">What is there; null for nothing.</param>
    /// <param name="profile">What they are for.</param>
    /// <param name="now">The time.</param>
    public static IssuedCertificates Next(IssuedCertificates? current, CertificateProfile profile, DateTimeOffset now)
    {
        try
        {
            return current is null ? Issue(NewAuthority(profile, now), "", profile, now) : After(current, profile, now);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // Edited by hand: as if there were nothing.
            return Issue(NewAuthority(profile, now), "", profile, now);
        }
    }

    private static IssuedCertificates After(IssuedCertificates current, CertificateProfile profile, DateTimeOffset now)
    {
        using var served = current.TryReadServed();
        var authorities = Pem.Read(current.Authorities);
        try
        {
            if (served is null || authorities.Count == 0 || authorities[0].NotAfter.ToUniversalTime() <= now.UtcDateTime)
                return Issue(NewAuthority(profile, now), "", profile, now);
            var trusted = string.Concat(authorities.Where(a => a.NotAfter.ToUniversalTime() > now.UtcDateTime).Select(a => a.ExportCertificatePem() + "\n"));
            var newest = authorities[0];
            if (newest.NotAfter.ToUniversalTime() - now.UtcDateTime < profile.Lifetimes.AuthorityRenewal)
            {
                var (certificate, key) = NewAuthority(profile, now);
                // The last one of the old authority, whose key goes: whoever serves it has read the new authority along with it.
                return Issue((newest.ExportCertificatePem() + "\n", current.AuthorityKey), certificate + trusted, profile, now) with { AuthorityKey = key };
            }

            var left = served.NotAfter.ToUniversalTime() - now.UtcDateTime;
            var announced = now.UtcDateTime - newest.NotBefore.ToUniversalTime() - Skew;
            var ofNewest = served.IssuerName.RawData.AsSpan().SequenceEqual(newest.SubjectName.RawData);
            var due = left < profile.Lifetimes.ServedRenewal || !profile.Hosts.All(h => served.MatchesHostname(h.Replace("*", "any", StringComparison.Ordinal))) || (!ofNewest && announced >= profile.Lifetimes.Announcement);
            if (!due || (!ofNewest && announced < profile.Lifetimes.Announcement && left > TimeSpan.Zero))
                return current with { Authorities = trusted };
            return Issue((newest.ExportCertificatePem() + "\n", current.AuthorityKey), trusted, profile, now);
        }
        finally
        {
            authorities.ForEach(a => a.Dispose());
        }
    }

    /// <summary>The served certificate with its key; null when they cannot be read.</summary>
    public X509Certificate2? TryReadServed()
    {
        try
        {
            return X509Certificate2.CreateFromPem(Served, ServedKey);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private static (string Certificate, string Key) NewAuthority(CertificateProfile profile, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // Each has a name of its own, so that a certificate tells which of them signed it.
        var request = new CertificateRequest($"CN={profile.Name}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var certificate = request.CreateSelfSigned(now - Skew, now + profile.Lifetimes.Authority);
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private static IssuedCertificates Issue((string Certificate, string Key) authority, string trusted, CertificateProfile profile, DateTimeOffset now)
    {
        using var issuer = X509Certificate2.CreateFromPem(authority.Certificate, authority.Key);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={profile.Name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in profile.Hosts)
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(profile.IsPeer ? [new Oid(ServerUse), new Oid(ClientUse)] : [new Oid(ServerUse)], critical: false));
        // Never beyond its issuer's own end.
        var end = new DateTimeOffset(Math.Min((now + profile.Lifetimes.Served).UtcTicks, issuer.NotAfter.ToUniversalTime().Ticks), TimeSpan.Zero);
        using var certificate = request.Create(issuer, now - Skew, end, RandomNumberGenerator.GetBytes(16));
        return new IssuedCertificates(
            trusted.Length > 0 ? trusted : authority.Certificate, authority.Key, certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>The data of the Secret.</summary>
    public Dictionary<string, byte[]> ToData() => new()
    {
        ["ca.crt"] = Encoding.ASCII.GetBytes(Authorities),
        ["ca.key"] = Encoding.ASCII.GetBytes(AuthorityKey),
        ["tls.crt"] = Encoding.ASCII.GetBytes(Served),
        ["tls.key"] = Encoding.ASCII.GetBytes(ServedKey),
    };

    /// <summary>Reads the data of the Secret; null when a part is missing.</summary>
    public static IssuedCertificates? OfData(IDictionary<string, byte[]>? data)
    {
        if (data is null || !data.TryGetValue("ca.crt", out var authorities) || !data.TryGetValue("ca.key", out var authorityKey)
            || !data.TryGetValue("tls.crt", out var served) || !data.TryGetValue("tls.key", out var servedKey))
            return null;
        return new IssuedCertificates(Encoding.ASCII.GetString(authorities), Encoding.ASCII.GetString(authorityKey), Encoding.ASCII.GetString(served), Encoding.ASCII.GetString(servedKey));
    }
}
