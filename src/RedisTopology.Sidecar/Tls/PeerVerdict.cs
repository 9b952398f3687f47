using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RedisTopology.Sidecar.Tls;

/// <summary>What is wrong with the certificate of the other end of one connection, in words that say what to do. It never finds right what the library found wrong.</summary>
internal sealed class PeerVerdict
{
    private const X509ChainStatusFlags Unknown = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid;

    /// <summary>Why it was refused; null when it was not.</summary>
    public string? Reason { get; private set; }

    /// <summary>Judges.</summary>
    /// <param name="certificate">What was shown.</param>
    /// <param name="chain">The chain that was built of it.</param>
    /// <param name="errors">What the library finds wrong.</param>
    /// <param name="name">The name it must be for; null for any.</param>
    /// <param name="trusted">The file with the authorities, as "tls.caFile /etc/ca.crt".</param>
    /// <returns>Whether nothing is wrong.</returns>
    public bool Accepts(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, string? name, string trusted)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        var reasons = new List<string>();
        if (certificate is not X509Certificate2 leaf)
        {
            Reason = "it shows no certificate";
            return false;
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            reasons.AddRange(OfChain(chain, leaf, trusted));
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            reasons.Add($"its certificate is for {Names(leaf)}, not for {name}: correct tls.serverName, or issue it for that name");
        Reason = reasons.Count > 0 ? string.Join("; ", reasons) : $"its certificate is refused: {errors}";
        return false;
    }

    private static IEnumerable<string> OfChain(X509Chain? chain, X509Certificate2 leaf, string trusted)
    {
        var all = X509ChainStatusFlags.NoError;
        foreach (var element in chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            foreach (var status in element.ChainElementStatus)
            {
                all |= status.Status;
                if (status.Status.HasFlag(X509ChainStatusFlags.NotTimeValid))
                    yield return OfTime(element.Certificate, ReferenceEquals(element, chain!.ChainElements[0]));
                else if ((status.Status & Unknown) == 0)
                    yield return $"its certificate is refused: {status.StatusInformation.Trim()}";
            }
        }

        if ((all & Unknown) != 0 || all == X509ChainStatusFlags.NoError)
            yield return $"its certificate is issued by {leaf.Issuer}, which is none of the authorities in {trusted}: add that authority there";
    }

    private static string OfTime(X509Certificate2 certificate, bool isLeaf)
    {
        var whose = isLeaf ? "its certificate" : $"the certificate of its authority {certificate.Subject}";
        // NotBefore and NotAfter are local times.
        return certificate.NotAfter.ToUniversalTime() < TimeProvider.System.GetUtcNow()
            ? $"{whose} has expired at {Time(certificate.NotAfter)}: renew it"
            : $"{whose} is not valid before {Time(certificate.NotBefore)}: look at the clocks, or issue it anew";
    }

    private static string Time(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames().Concat(e.EnumerateIPAddresses().Select(a => a.ToString()))).ToList();
        return names.Count > 0 ? string.Join(", ", names) : certificate.Subject is { Length: > 0 } subject ? subject : "nobody";
    }
}
