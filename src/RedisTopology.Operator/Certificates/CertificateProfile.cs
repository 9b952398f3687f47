namespace RedisTopology.Operator.Certificates;

/// <summary>What certificates of the operator's own are for.</summary>
/// <param name="Name">Their common name; that of an authority has a suffix.</param>
/// <param name="Hosts">The names and addresses that are served.</param>
/// <param name="Lifetimes">How long they live.</param>
internal sealed record CertificateProfile(string Name, IReadOnlyList<string> Hosts, CertificateLifetimes Lifetimes)
{
    /// <summary>Whoever serves it also shows it where it connects, as servers of a cluster do to each other. False by default.</summary>
    public bool IsPeer { get; init; }
}
