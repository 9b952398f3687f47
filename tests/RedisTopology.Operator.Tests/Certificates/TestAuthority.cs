using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RedisTopology.Operator.Certificates;

namespace RedisTopology.Operator.Tests.Certificates;

/// <summary>An authority of somebody else, as tests need it: it issues whatever it is asked for.</summary>
internal sealed class TestAuthority(string name)
{
    public const string ServerName = "blog-cache.shop.svc";

    public static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    private readonly X509Certificate2 _own = Sign(name, null, Now.AddDays(-100), Now.AddDays(3000), r =>
    {
        r.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        r.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
    });

    /// <summary>Its certificate, PEM.</summary>
    public string Pem => _own.ExportCertificatePem() + "\n";

    /// <summary>The data of a Secret with a certificate for a server.</summary>
    public Dictionary<string, byte[]> Secret(string host = ServerName, double days = 30, double since = -1, params string[] uses)
    {
        using var leaf = Sign("server", _own, Now.AddDays(since), Now.AddDays(days), r =>
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(host);
            r.CertificateExtensions.Add(names.Build());
            if (uses.Length > 0)
                r.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. uses.Select(u => new Oid(u))], false));
        });
        return new()
        {
            ["ca.crt"] = Encoding.UTF8.GetBytes(Pem),
            ["tls.crt"] = Encoding.UTF8.GetBytes(leaf.ExportCertificatePem() + "\n"),
            ["tls.key"] = Encoding.UTF8.GetBytes(leaf.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n"),
        };
    }

    /// <summary>What servers are given of it.</summary>
    public ServerCertificates Issue(double days = 30) => ServerCertificates.Read(Secret(days: days)).Certificates!;

    private static X509Certificate2 Sign(string name, X509Certificate2? issuer, DateTimeOffset start, DateTimeOffset end, Action<CertificateRequest> extend)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        extend(request);
        if (issuer is null)
            return request.CreateSelfSigned(start, end);
        using var signed = request.Create(issuer, start, end, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }
}
