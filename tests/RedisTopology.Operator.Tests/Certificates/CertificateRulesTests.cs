using System.Text;
using RedisTopology.Operator.Certificates;
using static RedisTopology.Operator.Tests.Certificates.TestAuthority;

namespace RedisTopology.Operator.Tests.Certificates;

public sealed class CertificateRulesTests
{
    private static readonly TestAuthority Authority = new("authority");

    [Fact]
    public void A_certificate_for_the_name_and_both_usages_or_any_is_good()
    {
        Assert.Null(Trouble(Authority.Secret()));
        Assert.Null(Trouble(Authority.Secret(uses: [IssuedCertificates.ServerUse, IssuedCertificates.ClientUse])));
        Assert.Null(Trouble(Authority.Secret("*.shop.svc")));

        var own = IssuedCertificates.Next(null, new CertificateProfile("own", [ServerName], new CertificateLifetimes()) { IsPeer = true }, Now);
        Assert.Null(Trouble(own.ToData()));
    }

    [Theory]
    [InlineData("ca.crt", "has no key \"ca.crt\", or nothing in it; give it ca.crt, tls.crt and tls.key, each as PEM")]
    [InlineData("tls.crt", "has no key \"tls.crt\", or nothing in it; give it ca.crt, tls.crt and tls.key, each as PEM")]
    [InlineData("tls.key", "has no key \"tls.key\", or nothing in it; give it ca.crt, tls.crt and tls.key, each as PEM")]
    public void A_key_that_is_missing_or_empty_is_named(string key, string trouble)
    {
        var secret = Authority.Secret();
        secret[key] = [];
        Assert.Equal(trouble, Trouble(secret));
        secret.Remove(key);
        Assert.Equal(trouble, Trouble(secret));
        Assert.NotNull(ServerCertificates.Read(null).Trouble);
    }

    [Fact]
    public void What_is_no_certificate_or_another_key_is_told()
    {
        var (good, other) = (Authority.Secret(), Authority.Secret());
        Assert.StartsWith("has no certificate in ca.crt", Trouble(With(good, "ca.crt", "nonsense"u8.ToArray())), StringComparison.Ordinal);
        Assert.StartsWith("has no certificate in tls.crt", Trouble(With(good, "tls.crt", "nonsense"u8.ToArray())), StringComparison.Ordinal);
        Assert.StartsWith("has a tls.key that is not the key of the certificate", Trouble(With(good, "tls.key", other["tls.key"])), StringComparison.Ordinal);
        Assert.StartsWith("has a tls.key that is not the key of the certificate", Trouble(With(good, "tls.key", "nonsense"u8.ToArray())), StringComparison.Ordinal);
        Assert.StartsWith("has a certificate that ca.crt does not lead to", Trouble(With(good, "ca.crt", Encoding.UTF8.GetBytes(new TestAuthority("authority").Pem))), StringComparison.Ordinal);
    }

    [Fact]
    public void Time_name_and_usage_are_looked_at()
    {
        Assert.StartsWith("has a certificate that expired at 2026-11-25T12:00:00Z; renew it", Trouble(Authority.Secret(days: -1, since: -2)), StringComparison.Ordinal);
        Assert.StartsWith("has a certificate that is not valid before 2026-11-27T12:00:00Z", Trouble(Authority.Secret(since: 1)), StringComparison.Ordinal);
        Assert.StartsWith("has a certificate without the name blog-cache.shop.svc, which clients expect; have it issued for a, b", Trouble(Authority.Secret("blog-cache.other.svc")), StringComparison.Ordinal);
        Assert.Contains("servers are each other's clients", Trouble(Authority.Secret(uses: [IssuedCertificates.ServerUse])), StringComparison.Ordinal);
    }

    private static string? Trouble(Dictionary<string, byte[]> secret) =>
        ServerCertificates.Read(secret) is ({ } given, _) ? CertificateRules.Trouble(given, ServerName, ["a", "b"], Now) : ServerCertificates.Read(secret).Trouble;

    private static Dictionary<string, byte[]> With(Dictionary<string, byte[]> secret, string key, byte[] value) => new(secret) { [key] = value };
}
