using System.Collections.Immutable;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Certificates;
using static RedisTopology.Operator.Tests.Certificates.TestAuthority;

namespace RedisTopology.Operator.Tests.Certificates;

public sealed class CertificateRotationTests
{
    private static readonly TimeSpan Announcement = TimeSpan.FromMinutes(5);
    private static readonly TestAuthority A = new("a");
    private static readonly TestAuthority B = new("b");
    private static readonly ImmutableArray<ObservedPod> Settled = [Pod("0"), Pod("1")];
    private static readonly ImmutableArray<ObservedPod> Loading = [Pod("0"), Pod("1") with { CertificateDiffers = true }];

    [Fact]
    public void Nothing_changes_while_nothing_is_given_that_differs()
    {
        var kept = A.Issue();
        Assert.Null(Next(kept, kept));
        Assert.Null(Next(kept, null));
        Assert.Null(Next(kept, ServerCertificates.Read(kept.ToData(), "1764158400").Certificates));
    }

    [Fact]
    public void A_renewal_is_given_to_the_servers_at_once()
    {
        var (kept, renewed) = (A.Issue(), A.Issue(60));
        Assert.Equal(renewed, Next(kept, renewed, Loading)!.Result);
    }

    [Fact]
    public void Another_authority_is_trusted_by_all_before_its_certificate_is_shown_and_the_former_goes_last()
    {
        var (kept, other) = (A.Issue(), B.Issue());
        var announced = Next(kept, other)!.Result;
        Assert.Equal(kept.Fingerprint, announced.Fingerprint);
        Assert.Equal(Pem.Read(B.Pem + A.Pem), Pem.Read(announced.Authorities));
        Assert.Equal(Now, announced.AuthoritiesSince);

        // Not before everybody had time to read it, nor while a server has not.
        Assert.Null(Next(announced, other, at: Now.AddMinutes(4)));
        Assert.Null(Next(announced, other, Loading, Now.AddMinutes(6)));
        Assert.Null(Next(announced, other, [Pod("0"), Pod("1") with { Node = null }], Now.AddMinutes(6)));
        var shown = Next(announced, other, [Pod("0"), Pod("1") with { Node = null, ConfirmedDown = true }], Now.AddMinutes(6))!.Result;
        Assert.Equal(other.Fingerprint, shown.Fingerprint);
        Assert.Equal(announced.Authorities, shown.Authorities);
        Assert.Equal(announced.AuthoritiesSince, shown.AuthoritiesSince);

        Assert.Null(Next(shown, other, Loading, Now.AddMinutes(7)));
        var alone = Next(shown, other, at: Now.AddMinutes(7))!.Result;
        Assert.Equal((other.Fingerprint, B.Pem), (alone.Fingerprint, alone.Authorities));
        Assert.Null(Next(alone, other, at: Now.AddMinutes(8)));
    }

    [Fact]
    public void An_authority_that_is_named_beside_the_present_one_is_trusted_at_once()
    {
        var kept = A.Issue();
        var both = ServerCertificates.Read(new Dictionary<string, byte[]>(kept.ToData()) { ["ca.crt"] = System.Text.Encoding.UTF8.GetBytes(A.Pem + B.Pem) }).Certificates!;
        var announced = Next(kept, both, Loading)!.Result;
        Assert.Equal((kept.Fingerprint, Now), (announced.Fingerprint, announced.AuthoritiesSince));
        Assert.Null(Next(announced, both, at: Now.AddMinutes(6)));

        // A certificate of the other is known to all by then.
        var next = ServerCertificates.Read(new Dictionary<string, byte[]>(B.Issue().ToData()) { ["ca.crt"] = System.Text.Encoding.UTF8.GetBytes(A.Pem + B.Pem) }).Certificates!;
        Assert.Null(Next(announced, next, at: Now.AddMinutes(4)));
        Assert.Equal(next.Fingerprint, Next(announced, next, at: Now.AddMinutes(6))!.Result.Fingerprint);
    }

    [Fact]
    public void One_that_has_expired_is_replaced_without_waiting() => Assert.Equal(B.Issue().Issuer, Next(A.Issue(1), B.Issue(), Loading, Now.AddDays(2))!.Result.Issuer);

    [Fact]
    public void What_is_written_down_is_read_back()
    {
        var announced = Next(A.Issue(), B.Issue())!.Result;
        Assert.Equal(announced, ServerCertificates.Read(announced.ToData(), announced.SinceText).Certificates);
        Assert.DoesNotContain("KEY", announced.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The operator's own authority over the years, looked at every two weeks, with servers that follow in between: whatever two servers show and trust, they trust each other, and so do clients.</summary>
    [Fact]
    public void Whoever_has_followed_one_step_trusts_whoever_has_followed_the_next()
    {
        var profile = new CertificateProfile("own", [ServerName], new CertificateSettings().Lifetimes with { Authority = TimeSpan.FromDays(500) }) { IsPeer = true };
        var issued = IssuedCertificates.Next(null, profile, Now);
        var kept = ServerCertificates.Read(issued.ToData()).Certificates!;
        var (changes, authorities) = (0, new HashSet<string>());
        for (var now = Now; now < Now.AddYears(4); now = now.AddDays(5))
        {
            issued = IssuedCertificates.Next(issued, profile, now);
            while (Next(kept, ServerCertificates.Read(issued.ToData()).Certificates, at: now) is { } change)
            {
                Assert.True(change.Result.IsIssuedBy(kept.Authorities), $"{now}: shown before it was announced");
                Assert.True(kept.IsIssuedBy(change.Result.Authorities), $"{now}: what others still show is no longer trusted");
                Assert.True(change.Result.End > now);
                (kept, changes) = (change.Result, changes + 1);
                authorities.Add(kept.Authorities);
            }

            Assert.True(kept.End > now, $"{now}: it has expired");
        }

        Assert.True(changes > 15 && authorities.Count > 4, $"{changes} changes, {authorities.Count} sets of authorities");
    }

    private static ObservedPod Pod(string name) => new() { Name = name, Shard = "s0", Ordinal = 0, Node = new ObservedNode { Id = name, Role = NodeRole.Master } };

    private static CertificateChange? Next(ServerCertificates kept, ServerCertificates? given, ImmutableArray<ObservedPod>? pods = null, DateTimeOffset? at = null) =>
        CertificateRotation.Next(kept, new CertificateWish("mine", given, given is null ? "it is bad" : null), pods ?? Settled, Announcement, at ?? Now);
}
