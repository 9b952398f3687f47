using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RedisTopology.Operator.Certificates;

/// <summary>Certificates as text.</summary>
internal static class Pem
{
    /// <summary>Reads all certificates of a text.</summary>
    /// <param name="pem">The text.</param>
    /// <returns>The certificates, the caller's to dispose of; none when it cannot be read.</returns>
    public static List<X509Certificate2> Read(string pem)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            // As if there were none.
        }

        return [.. all];
    }

    /// <summary>Writes certificates, each once.</summary>
    /// <param name="certificates">The certificates.</param>
    /// <returns>The text.</returns>
    public static string Write(IEnumerable<X509Certificate2> certificates) => string.Concat(certificates.Select(c => c.ExportCertificatePem() + "\n").Distinct());
}
