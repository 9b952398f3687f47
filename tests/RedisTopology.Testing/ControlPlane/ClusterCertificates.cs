using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RedisTopology.Testing;

/// <summary>A certificate authority for one test cluster and what it issues, as PEM files in a directory.</summary>
internal sealed class ClusterCertificates : IDisposable
{
    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");
    private readonly TestDirectory _directory;
    private readonly X509Certificate2 _authority;

    public ClusterCertificates(TestDirectory directory)
    {
        _directory = directory;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=redis-topology-test-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var (from, to) = Validity();
        _authority = request.CreateSelfSigned(from, to);
        Write("ca.crt", _authority.ExportCertificatePem());
        Write("ca.key", key.ExportPkcs8PrivateKeyPem());

        using var serviceAccounts = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // client-go parses "EC PRIVATE KEY" in every version, PKCS#8 EC keys only in newer ones.
        Write("service-accounts.key", serviceAccounts.ExportECPrivateKeyPem());
        Write("service-accounts.pub", serviceAccounts.ExportSubjectPublicKeyInfoPem());
    }

    public string AuthorityPem => File.ReadAllText(_directory["ca.crt"]);

    /// <summary>Issues the API server's certificate for loopback and its in-cluster names, as <c>name.crt</c> and <c>name.key</c>.</summary>
    public void IssueServer(string name, IPAddress serviceAddress)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(serviceAddress);
        foreach (var dns in (string[])["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"])
            names.AddDnsName(dns);
        Issue(name, new X500DistinguishedName("CN=kube-apiserver"), ServerAuthentication, names.Build());
    }

    /// <summary>Issues a client certificate (common name = user, organizations = groups) and returns both PEM texts.</summary>
    public (string Certificate, string Key) IssueClient(string name, string user, params string[] groups)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(user);
        foreach (var group in groups)
            subject.AddOrganizationName(group);
        return Issue(name, subject.Build(), ClientAuthentication, null);
    }

    public void Dispose() => _authority.Dispose();

    private static (DateTimeOffset From, DateTimeOffset To) Validity()
    {
        var now = TimeProvider.System.GetUtcNow();
        return (now.AddHours(-1), now.AddDays(7));
    }

    private (string Certificate, string Key) Issue(string name, X500DistinguishedName subject, Oid usage, X509Extension? names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([usage], false));
        if (names is not null)
            request.CertificateExtensions.Add(names);
        var (from, to) = Validity();
        // A child may not outlive its issuer by even a second.
        to = to > _authority.NotAfter ? _authority.NotAfter : to;
        from = from < _authority.NotBefore ? _authority.NotBefore : from;
        using var certificate = request.Create(_authority, from, to, RandomNumberGenerator.GetBytes(16));
        var pem = (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        Write($"{name}.crt", pem.Item1);
        Write($"{name}.key", pem.Item2);
        return pem;
    }

    private void Write(string name, string pem) => File.WriteAllText(_directory[name], pem + "\n");
}
