using System.Collections.Immutable;
using System.Globalization;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Certificates;

namespace RedisTopology.Operator.Status;

/// <summary>The condition of the servers' certificate.</summary>
/// <param name="Current">The servers show the certificate that is wanted.</param>
/// <param name="Reason">Why, for machines.</param>
/// <param name="Message">Why, for a person.</param>
/// <param name="End">Until when the certificate that the servers are given is valid.</param>
internal sealed record CertificateReport(bool Current, string Reason, string Message, DateTimeOffset End)
{
    /// <summary>Makes it.</summary>
    /// <param name="kept">What is written down.</param>
    /// <param name="wish">What is wanted.</param>
    /// <param name="pods">The pods as observed.</param>
    /// <param name="now">The time.</param>
    public static CertificateReport Of(ServerCertificates kept, CertificateWish wish, ImmutableArray<ObservedPod> pods, DateTimeOffset now)
    {
        var end = string.Create(CultureInfo.InvariantCulture, $"{kept.End:yyyy-MM-ddTHH:mm:ssZ}");
        var lasts = kept.End > now ? $"valid until {end}" : $"which expired at {end}";
        if (wish.Trouble is { } trouble)
            return new(false, "SecretUnusable", $"{trouble}; the servers keep the certificate they have, {lasts}", kept.End);
        string[] behind = [.. pods.Where(p => p is { Node: not null, CertificateDiffers: true }).Select(p => p.Name)];
        if (behind.Length > 0)
            return new(false, "Loading", $"a change is on its way to {Conditions.Names(behind)}: kubelets take up to two minutes to bring it to the pods, and the servers load it then", kept.End);
        if (wish.Given?.Fingerprint != kept.Fingerprint)
            return new(false, "AuthorityAnnounced", $"a certificate of another authority is shown once everybody trusts that one; meanwhile the servers show the former, {lasts}", kept.End);
        return kept.End > now
            ? new(true, "InUse", $"the servers show the certificate of Secret {wish.Secret}, {lasts}", kept.End)
            : new(false, "Expired", $"the servers show the certificate of Secret {wish.Secret}, {lasts}; renew it", kept.End);
    }
}
