using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace RedisTopology.Operator.Certificates;

/// <summary>What certificates must be for servers to be given them: whatever else a Secret holds, nothing that works is broken by it.</summary>
internal static class CertificateRules
{
    /// <summary>Judges certificates that others issued.</summary>
    /// <param name="given">The certificates.</param>
    /// <param name="name">The name that clients expect.</param>
    /// <param name="advised">All names that should be in it.</param>
    /// <param name="now">The time.</param>
    /// <returns>What is wrong as a predicate, with the remedy; null when nothing is.</returns>
    public static string? Trouble(ServerCertificates given, string name, IEnumerable<string> advised, DateTimeOffset now)
    {
        using var leaf = X509Certificate2.CreateFromPem(given.Certificate);
        var (start, end) = (leaf.NotBefore.ToUniversalTime(), leaf.NotAfter.ToUniversalTime());
        if (end <= now.UtcDateTime)
            return string.Create(CultureInfo.InvariantCulture, $"has a certificate that expired at {end:yyyy-MM-ddTHH:mm:ssZ}; renew it");
        if (start > now.UtcDateTime)
            return string.Create(CultureInfo.InvariantCulture, $"has a certificate that is not valid before {start:yyyy-MM-ddTHH:mm:ssZ}; give one that is valid now");
        if (!leaf.MatchesHostname(name))
            return $"has a certificate without the name {name}, which clients expect; have it issued for {string.Join(", ", advised)}";
        if (leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault()?.EnhancedKeyUsages is { } uses
            && !(uses[IssuedCertificates.ServerUse] is not null && uses[IssuedCertificates.ClientUse] is not null))
            return "has a certificate that is not both for servers and for clients, and servers are each other's clients; have it issued with the usages server auth and client auth";
        return given.IsIssuedBy(given.Authorities) ? null : $"has a certificate that {ServerCertificates.AuthoritiesKey} does not lead to; put the authority that issued it there, and what is between them into {ServerCertificates.CertificateKey}";
    }
}
