using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RedisTopology.Operator.Webhooks;

/// <summary>The certificates of the webhook, as they stand in the Secret: the authorities that are to be trusted, the newest first, and the certificate that is served.</summary>
/// <param name="Authorities">Certificates, PEM.</param>
/// <param name="AuthorityKey">The key of the newest, PEM.</param>
/// <param name="Served">The certificate, PEM.</param>
/// <param name="ServedKey">Its key, PEM.</param>
internal sealed record WebhookCertificates(string Authorities, string AuthorityKey, string Served, string ServedKey)
{
    /// <summary>Clocks of API servers may be behind ours by this much.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1);

    /// <summary>What should be there, given what is: the same when nothing is to be done. An authority is announced before a certificate of it is served, and stays trusted until it has expired.</summary>
    /// <param name="current">What is there; null for nothing.</param>
    /// <param name="hosts">The names to be served.</param>
    /// <param name="lifetimes">How long they live.</param>
    /// <param name="now">The time.</param>
    public static WebhookCertificates Next(WebhookCertificates? current, IReadOnlyList<string> hosts, CertificateLifetimes lifetimes, DateTimeOffset now)
    {
        if (current is null)
            return Issue(NewAuthority(lifetimes, now), "", hosts, lifetimes, now);
        using var served = current.TryReadServed();
        var authorities = ReadAll(current.Authorities);
        try
        {
            if (served is null || authorities.Count == 0 || authorities[0].NotAfter.ToUniversalTime() <= now.UtcDateTime)
                return Issue(NewAuthority(lifetimes, now), "", hosts, lifetimes, now);
            var trusted = string.Concat(authorities.Where(a => a.NotAfter.ToUniversalTime() > now.UtcDateTime).Select(a => a.ExportCertificatePem() + "\n"));
            var newest = authorities[0];
            if (newest.NotAfter.ToUniversalTime() - now.UtcDateTime < lifetimes.AuthorityRenewal)
            {
                var (certificate, key) = NewAuthority(lifetimes, now);
                return current with { Authorities = certificate + trusted, AuthorityKey = key };
            }

            var left = served.NotAfter.ToUniversalTime() - now.UtcDateTime;
            var announced = now.UtcDateTime - newest.NotBefore.ToUniversalTime() - Skew;
            var ofNewest = served.IssuerName.RawData.AsSpan().SequenceEqual(newest.SubjectName.RawData);
            var due = left < lifetimes.ServedRenewal || !hosts.All(h => served.MatchesHostname(h)) || (!ofNewest && announced >= lifetimes.Announcement);
            if (!due || (!ofNewest && announced < lifetimes.Announcement && left > TimeSpan.Zero))
                return current with { Authorities = trusted };
            return Issue((newest.ExportCertificatePem() + "\n", current.AuthorityKey), trusted, hosts, lifetimes, now);
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

    private static List<X509Certificate2> ReadAll(string pem)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            // As if there were none: new ones are issued.
        }

        return [.. all];
    }

    private static (string Certificate, string Key) NewAuthority(CertificateLifetimes lifetimes, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // Each has a name of its own, so that a certificate tells which of them signed it.
        var request = new CertificateRequest($"CN=redis-topology-operator-webhook-{RandomNumberGenerator.GetHexString(8, lowercase: true)}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var certificate = request.CreateSelfSigned(now - Skew, now + lifetimes.Authority);
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private static WebhookCertificates Issue((string Certificate, string Key) authority, string trusted, IReadOnlyList<string> hosts, CertificateLifetimes lifetimes, DateTimeOffset now)
    {
        using var issuer = X509Certificate2.CreateFromPem(authority.Certificate, authority.Key);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=redis-topology-operator-webhook", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        // Never beyond its issuer's own end.
        var end = new DateTimeOffset(Math.Min((now + lifetimes.Served).UtcTicks, issuer.NotAfter.ToUniversalTime().Ticks), TimeSpan.Zero);
        using var certificate = request.Create(issuer, now - Skew, end, RandomNumberGenerator.GetBytes(16));
        return new WebhookCertificates(
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
    public static WebhookCertificates? OfData(IDictionary<string, byte[]>? data)
    {
        if (data is null || !data.TryGetValue("ca.crt", out var authorities) || !data.TryGetValue("ca.key", out var authorityKey)
            || !data.TryGetValue("tls.crt", out var served) || !data.TryGetValue("tls.key", out var servedKey))
            return null;
        return new WebhookCertificates(Encoding.ASCII.GetString(authorities), Encoding.ASCII.GetString(authorityKey), Encoding.ASCII.GetString(served), Encoding.ASCII.GetString(servedKey));
    }
}
