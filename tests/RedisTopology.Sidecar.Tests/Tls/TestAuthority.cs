using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Tls;

/// <summary>An authority that issues certificates into files of a directory.</summary>
internal sealed class TestAuthority : IDisposable
{
    /// <summary>The name that servers' certificates are for.</summary>
    public const string ServerName = "blog-cache.shop.svc";

    private readonly TestDirectory _directory = TestDirectory.Create("authority");
    private readonly X509Certificate2 _certificate;

    public TestAuthority(string name = "CN=test authority")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        var now = TimeProvider.System.GetUtcNow();
        _certificate = request.CreateSelfSigned(now.AddDays(-30), now.AddDays(30));
        File.WriteAllText(CaFile, Pem);
    }

    /// <summary>The file with its own certificate.</summary>
    public string CaFile => _directory["ca.crt"];

    /// <summary>Its own certificate.</summary>
    public string Pem => _certificate.ExportCertificatePem() + "\n";

    /// <summary>A path for a file.</summary>
    public string this[string name] => _directory[name];

    /// <summary>Issues a certificate for servers and clients.</summary>
    /// <param name="file">Its files are FILE.crt and FILE.key.</param>
    /// <param name="name">What it is for.</param>
    /// <param name="days">How many days it is valid; below 0: how many days ago it expired.</param>
    public (string CaFile, string CertificateFile, string KeyFile) Issue(string file = "server", string name = ServerName, int days = 1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Parse("127.9.9.9"));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        var now = TimeProvider.System.GetUtcNow();
        using var issued = request.Create(_certificate, now.AddDays(-10), now.AddDays(days), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(_directory[$"{file}.crt"], issued.ExportCertificatePem() + "\n");
        File.WriteAllText(_directory[$"{file}.key"], key.ExportPkcs8PrivateKeyPem() + "\n");
        return (CaFile, _directory[$"{file}.crt"], _directory[$"{file}.key"]);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _directory.Dispose();
    }
}
