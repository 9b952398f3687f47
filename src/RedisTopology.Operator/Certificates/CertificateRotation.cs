using System.Collections.Immutable;
using System.Globalization;
using RedisTopology.Core.Topology;

namespace RedisTopology.Operator.Certificates;

/// <summary>
/// The next step from one certificate to another, from what is written down, what is wanted, and what the servers show: a pure function, so that an operator that dies after any step is
/// replaced by one that goes on. At every instant each running server trusts whatever another shows, and clients were told of an authority before they meet it.
/// </summary>
internal static class CertificateRotation
{
    /// <summary>Decides.</summary>
    /// <param name="kept">What is written down.</param>
    /// <param name="wish">What is wanted.</param>
    /// <param name="pods">The pods, compared with what is written down.</param>
    /// <param name="announcement">How long an authority is trusted before a certificate of it is shown, and before its predecessor is forgotten.</param>
    /// <param name="now">The time.</param>
    /// <returns>What is to be written down next; null for nothing, or when the servers must follow first.</returns>
    public static CertificateChange? Next(ServerCertificates kept, CertificateWish wish, ImmutableArray<ObservedPod> pods, TimeSpan announcement, DateTimeOffset now)
    {
        if (wish.Given is not { } given)
            return null;
        var (wanted, known) = (Prints(given.Authorities), Prints(kept.Authorities));
        var both = wanted.IsSubsetOf(known) ? kept.Authorities : Together(given.Authorities, kept.Authorities, now);
        var settled = pods.All(p => p.ConfirmedDown || p is { Node: not null, CertificateDiffers: false }) && (kept.AuthoritiesSince is not { } since || now - since >= announcement);
        if (given.Fingerprint == kept.Fingerprint)
        {
            if (both != kept.Authorities)
                return new(kept.After(kept, both, now), $"Secret {wish.Secret} names another authority, which is trusted beside the former");
            return settled && !known.IsSubsetOf(wanted) ? new(kept.After(kept, given.Authorities, now), "the former authority is no longer trusted") : null;
        }

        var expired = kept.End <= now;
        if (!expired && !given.IsIssuedBy(kept.Authorities))
            return new(kept.After(kept, both, now), $"Secret {wish.Secret} has a certificate of another authority, which is trusted beside the former before it is used");
        if (!expired && given.Issuer != kept.Issuer && !settled)
            return null;
        return new(
            given.After(kept, both, now),
            string.Create(CultureInfo.InvariantCulture, $"a new certificate, valid until {given.End:yyyy-MM-ddTHH:mm:ssZ}, is on its way to the servers, which load it while they run"));
    }

    /// <summary>The authorities of both, those that are wanted first; of the others what has expired is left out.</summary>
    private static string Together(string wanted, string kept, DateTimeOffset now) =>
        Pem.Write(Pem.Read(wanted).Concat(Pem.Read(kept).Where(c => c.NotAfter.ToUniversalTime() > now.UtcDateTime)));

    private static HashSet<string> Prints(string pem) => [.. Pem.Read(pem).Select(c => c.Thumbprint)];
}
