namespace RedisTopology.Operator.Certificates;

/// <summary>How long certificates live, and when they are renewed.</summary>
internal sealed record CertificateLifetimes
{
    /// <summary>Of an authority. Ten years.</summary>
    public TimeSpan Authority { get; init; } = TimeSpan.FromDays(3650);

    /// <summary>An authority with less than this left gets a successor. One year.</summary>
    public TimeSpan AuthorityRenewal { get; init; } = TimeSpan.FromDays(365);

    /// <summary>Of the certificate that is served. 90 days.</summary>
    public TimeSpan Served { get; init; } = TimeSpan.FromDays(90);

    /// <summary>One with less than this left is replaced. 30 days.</summary>
    public TimeSpan ServedRenewal { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long a new authority is only announced, until everybody has heard of it, before a certificate of it is served. 10 minutes.</summary>
    public TimeSpan Announcement { get; init; } = TimeSpan.FromMinutes(10);
}
