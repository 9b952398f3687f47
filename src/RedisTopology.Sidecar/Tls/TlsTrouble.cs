using System.ComponentModel;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace RedisTopology.Sidecar.Tls;

/// <summary>What the TLS library throws, in words that say what to do.</summary>
internal static class TlsTrouble
{
    /// <summary>Said of one that sends nothing.</summary>
    public const string Silent = "no answer to the TLS handshake: it hangs, or speaks plain text at this port";

    /// <summary>Said of one that sends something else.</summary>
    public const string PlainText = "what it sends is not TLS: it speaks plain text at this port";

    // Parts of what OpenSSL and the library say, and what they mean.
    private static readonly (string Part, string Meaning)[] s_meanings =
    [
        ("corrupted frame", PlainText),
        ("certificate required", "it asks for a certificate of clients: set tls.certificateFile and tls.keyFile"),
        ("alert unknown ca", "it does not know the authority that issued our certificate: see tls.certificateFile"),
        ("alert bad certificate", "it refuses our certificate: see tls.certificateFile"),
        ("alert certificate expired", "it says that our certificate has expired: see tls.certificateFile"),
        ("alert certificate unknown", "it refuses our certificate: see tls.certificateFile"),
        ("protocol version", "it speaks neither TLS 1.2 nor TLS 1.3"),
        ("unsupported protocol", "it speaks neither TLS 1.2 nor TLS 1.3"),
        ("unexpected EOF", "it closed the connection during the TLS handshake: see its log, and whether it speaks TLS at this port"),
    ];

    /// <summary>Whether an exception is how the library says that a connection is of no use.</summary>
    /// <param name="e">The exception.</param>
    /// <returns>False for what is a mistake of ours.</returns>
    public static bool IsExpected(Exception e) =>
        e is AuthenticationException or IOException or ObjectDisposedException or InvalidOperationException or CryptographicException or OperationCanceledException or Win32Exception or NotSupportedException;

    /// <summary>Says what happened.</summary>
    /// <param name="e">The exception.</param>
    /// <returns>Goes on after "connection lost: ".</returns>
    public static string Describe(Exception e)
    {
        var innermost = e;
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            innermost = cause;
            foreach (var (part, meaning) in s_meanings)
            {
                if (cause.Message.Contains(part, StringComparison.OrdinalIgnoreCase))
                    return meaning;
            }
        }

        return innermost.Message;
    }
}
