using System.Security.Cryptography.X509Certificates;
using RedisTopology.Operator.Webhooks;

namespace RedisTopology.Operator.Tests.Webhooks;

public sealed class WebhookCertificatesTests
{
    private static readonly string[] Hosts = ["hook.system.svc", "127.0.0.1"];
    private static readonly DateTimeOffset Start = new(2026, 11, 26, 0, 0, 0, TimeSpan.Zero);
    private static readonly CertificateLifetimes Lifetimes = new();

    [Fact]
    public void The_first_certificate_is_trusted_under_its_names()
    {
        var first = WebhookCertificates.Next(null, Hosts, Lifetimes, Start);
        Assert.True(IsTrusted(first, first.Authorities, Start));
        using var served = first.TryReadServed()!;
        Assert.All(Hosts, h => Assert.True(served.MatchesHostname(h)));
        Assert.False(served.MatchesHostname("other.system.svc"));
        Assert.Equal(first, WebhookCertificates.OfData(first.ToData()));
    }

    [Fact]
    public void Nothing_changes_while_nothing_is_due()
    {
        var first = WebhookCertificates.Next(null, Hosts, Lifetimes, Start);
        Assert.Equal(first, WebhookCertificates.Next(first, Hosts, Lifetimes, Start.AddDays(59)));
    }

    [Fact]
    public void A_served_certificate_is_replaced_under_the_same_authority()
    {
        var first = WebhookCertificates.Next(null, Hosts, Lifetimes, Start);
        var later = WebhookCertificates.Next(first, Hosts, Lifetimes, Start.AddDays(61));
        Assert.NotEqual(first.Served, later.Served);
        Assert.Equal(first.Authorities, later.Authorities);
        Assert.True(IsTrusted(later, first.Authorities, Start.AddDays(61)));
    }

    [Fact]
    public void Another_name_is_served_at_once()
    {
        var first = WebhookCertificates.Next(null, Hosts, Lifetimes, Start);
        using var served = WebhookCertificates.Next(first, [.. Hosts, "renamed.system.svc"], Lifetimes, Start).TryReadServed()!;
        Assert.True(served.MatchesHostname("renamed.system.svc"));
    }

    /// <summary>At every step what is served is trusted by whoever has heard of the step before it, or of this one.</summary>
    [Fact]
    public void Over_the_years_nobody_is_ever_served_what_they_do_not_trust()
    {
        var lifetimes = new CertificateLifetimes { Authority = TimeSpan.FromDays(400), AuthorityRenewal = TimeSpan.FromDays(100) };
        var current = WebhookCertificates.Next(null, Hosts, lifetimes, Start);
        var authorities = new HashSet<string>();
        for (var now = Start; now < Start.AddYears(4); now = now.AddDays(14))
        {
            // A round, and one when the announcement is over.
            foreach (var moment in new[] { now, now.AddMinutes(11) })
            {
                var next = WebhookCertificates.Next(current, Hosts, lifetimes, moment);
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
        var first = WebhookCertificates.Next(null, Hosts, Lifetimes, Start);
        var broken = first with { Served = "nonsense" };
        Assert.Null(broken.TryReadServed());
        Assert.True(IsTrusted(WebhookCertificates.Next(broken, Hosts, Lifetimes, Start), null, Start));
    }

    private static bool IsTrusted(WebhookCertificates certificates, string? authorities, DateTimeOffset at)
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
