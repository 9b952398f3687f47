using System.Security.Cryptography.X509Certificates;
using RedisTopology.Operator.Certificates;

namespace RedisTopology.Operator.Tests.Certificates;

public sealed class IssuedCertificatesTests
{
    private static readonly string[] Hosts = ["hook.system.svc", "127.0.0.1"];
    private static readonly DateTimeOffset Start = new(2026, 11, 26, 0, 0, 0, TimeSpan.Zero);
    private static readonly CertificateProfile Profile = new("hook", Hosts, new CertificateLifetimes());

    [Fact]
    public void The_first_certificate_is_trusted_under_its_names()
    {
        var first = IssuedCertificates.Next(null, Profile, Start);
        Assert.True(IsTrusted(first, first.Authorities, Start));
        using var served = first.TryReadServed()!;
        Assert.All(Hosts, h => Assert.True(served.MatchesHostname(h)));
        Assert.False(served.MatchesHostname("other.system.svc"));
        Assert.Equal(first, IssuedCertificates.OfData(first.ToData()));
    }

    [Fact]
    public void Nothing_changes_while_nothing_is_due()
    {
        var first = IssuedCertificates.Next(null, Profile, Start);
        Assert.Equal(first, IssuedCertificates.Next(first, Profile, Start.AddDays(59)));
    }

    [Fact]
    public void A_served_certificate_is_replaced_under_the_same_authority()
    {
        var first = IssuedCertificates.Next(null, Profile, Start);
        var later = IssuedCertificates.Next(first, Profile, Start.AddDays(61));
        Assert.NotEqual(first.Served, later.Served);
        Assert.Equal(first.Authorities, later.Authorities);
        Assert.True(IsTrusted(later, first.Authorities, Start.AddDays(61)));
    }

    [Fact]
    public void Another_name_is_served_at_once()
    {
        var first = IssuedCertificates.Next(null, Profile, Start);
        using var served = IssuedCertificates.Next(first, Profile with { Hosts = [.. Hosts, "renamed.system.svc"] }, Start).TryReadServed()!;
        Assert.True(served.MatchesHostname("renamed.system.svc"));
    }

    /// <summary>At every step what is served is trusted by whoever has heard of the step before it, or of this one.</summary>
    [Fact]
    public void Over_the_years_nobody_is_ever_served_what_they_do_not_trust()
    {
        var profile = Profile with { Lifetimes = new CertificateLifetimes { Authority = TimeSpan.FromDays(400), AuthorityRenewal = TimeSpan.FromDays(100) } };
        var current = IssuedCertificates.Next(null, profile, Start);
        var authorities = new HashSet<string>();
        for (var now = Start; now < Start.AddYears(4); now = now.AddDays(14))
        {
            // A round, and one when the announcement is over.
            foreach (var moment in new[] { now, now.AddMinutes(11) })
            {
                var next = IssuedCertificates.Next(current, profile, moment);
                Assert.True(IsTrusted(next, current.Authorities, moment), $"{moment}: served before it was announced");
                Assert.True(IsTrusted(current, next.Authorities, moment), $"{moment}: what others still serve is no longer trusted");
                current = next;
                authorities.Add(current.Authorities);
            }
        }

        Assert.True(authorities.Count > 3, "no authority was ever replaced");
    }

    [Fact]
    public void What_cannot_be_read_is_made_anew()
    {
        var first = IssuedCertificates.Next(null, Profile, Start);
        var broken = first with { Served = "nonsense" };
        Assert.Null(broken.TryReadServed());
        Assert.True(IsTrusted(IssuedCertificates.Next(broken, Profile, Start), null, Start));
    }

    private static bool IsTrusted(IssuedCertificates certificates, string? authorities, DateTimeOffset at)
    {
        using var served = certificates.TryReadServed()!;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = at.UtcDateTime;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(authorities ?? certificates.Authorities);
        return chain.Build(served);
    }
}
