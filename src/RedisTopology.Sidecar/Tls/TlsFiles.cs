using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RedisTopology.Sidecar.Configuration;

namespace RedisTopology.Sidecar.Tls;

/// <summary>Makes <see cref="ServerTls"/> and <see cref="ListenTls"/> of the files that the options name.</summary>
internal static class TlsFiles
{
    /// <summary>What is spoken: nothing older than TLS 1.2.</summary>
    public const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Options with what their files hold.</summary>
    /// <param name="options">The options read.</param>
    /// <param name="error">Takes what is wrong: the key, and what goes on after "key: " and ends with the remedy.</param>
    /// <returns>The options; what is wrong is left out.</returns>
    public static SidecarOptions Load(SidecarOptions options, Action<string, string> error)
    {
        if (!options.UsesTls)
            return options;
        var files = Read(options);
        return options with { ServerTls = ServerSide(options, files, error), ListenTls = ClientSide(options, files, error), TlsFingerprint = Fingerprint(files) };
    }

    /// <summary>Tells one content of the files from another.</summary>
    /// <param name="options">The options that name them.</param>
    /// <returns>A text that changes with them; null when none is named.</returns>
    public static string? Fingerprint(SidecarOptions options) => options.UsesTls ? Fingerprint(Read(options)) : null;

    /// <summary>How a chain is verified: up to one of the authorities, without the system's and without asking anybody.</summary>
    /// <param name="authorities">The authorities.</param>
    /// <returns>A policy for one connection.</returns>
    public static X509ChainPolicy Policy(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static ServerTls? ServerSide(SidecarOptions options, Dictionary<string, string> files, Action<string, string> error)
    {
        if (options is { TlsCaFile: null, TlsServerName: null, TlsCertificateFile: null, TlsKeyFile: null })
            return null;
        if (options.TlsCaFile is null)
            error(options.TlsServerName is null ? "tls.certificateFile" : "tls.serverName", "the servers' authority is missing; set tls.caFile as well");
        if (options.TlsCaFile is not null && options.TlsServerName is null)
            error("tls.caFile", "the name that the servers' certificates are for is missing; set tls.serverName as well");
        var authorities = Authorities("tls.caFile", options.TlsCaFile, files, error);
        var identity = Identity("tls.certificateFile", options.TlsCertificateFile, "tls.keyFile", options.TlsKeyFile, files, error);
        return authorities is null || options.TlsServerName is null ? null : new(options.TlsServerName, options.TlsCaFile!, authorities, identity);
    }

    private static ListenTls? ClientSide(SidecarOptions options, Dictionary<string, string> files, Action<string, string> error)
    {
        if (options.ListenTlsClientCaFile is not null && options.ListenTlsCertificateFile is null)
            error("listenTls.clientCaFile", "clients can not give certificates to a port without one; set listenTls.certificateFile as well");
        var authorities = Authorities("listenTls.clientCaFile", options.ListenTlsClientCaFile, files, error);
        var identity = Identity("listenTls.certificateFile", options.ListenTlsCertificateFile, "listenTls.keyFile", options.ListenTlsKeyFile, files, error);
        return identity is null ? null : new(identity, options.ListenTlsClientCaFile, authorities);
    }

    private static X509Certificate2Collection? Authorities(string key, string? file, Dictionary<string, string> files, Action<string, string> error)
    {
        if (file is null || !TryText(key, file, files, error, out var text))
            return null;
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(text);
        }
        catch (CryptographicException e)
        {
            error(key, $"{file} has a certificate that can not be read: {e.Message} Write the authorities' certificates into it, in PEM");
            return null;
        }

        if (all.Count == 0)
            error(key, $"{file} holds no certificate; write the authorities' certificates into it, in PEM");
        return all.Count == 0 ? null : all;
    }

    private static SslStreamCertificateContext? Identity(string certificateKey, string? certificateFile, string keyKey, string? keyFile, Dictionary<string, string> files, Action<string, string> error)
    {
        if (certificateFile is null && keyFile is null)
            return null;
        if (certificateFile is null || keyFile is null)
        {
            error(certificateFile is null ? keyKey : certificateKey, $"a certificate is of no use without its key; set {(certificateFile is null ? certificateKey : keyKey)} as well");
            return null;
        }

        var readable = TryText(certificateKey, certificateFile, files, error, out var certificate);
        if (!TryText(keyKey, keyFile, files, error, out var secret) || !readable)
            return null;
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(certificate);
            if (chain.Count == 0)
                throw new CryptographicException("There is no certificate in it.");
        }
        catch (CryptographicException e)
        {
            error(certificateKey, $"{certificateFile} is no certificate: {e.Message} Write it in PEM, with those of its intermediate authorities after it");
            return null;
        }

        try
        {
            return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(certificate, secret), chain, offline: true);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            error(keyKey, $"{keyFile} is not the key of {certificateFile}: {e.Message} Write its private key into it, in PEM and not encrypted");
            return null;
        }
    }

    private static bool TryText(string key, string file, Dictionary<string, string> files, Action<string, string> error, out string text)
    {
        text = files[file];
        if (text.Length == 0 || text[0] != '\0')
            return true;
        error(key, $"{file} can not be read: {text[1..]} Mount it there, or correct the path");
        return false;
    }

    // By path; of one that can not be read a zero and why.
    private static Dictionary<string, string> Read(SidecarOptions options)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in options.TlsPaths.OfType<string>())
        {
            try
            {
                files[file] = File.ReadAllText(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                files[file] = $"\0{e.Message}";
            }
        }

        return files;
    }

    // The keys are in it: a digest, as nothing keeps the texts.
    private static string Fingerprint(Dictionary<string, string> files) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', files.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}\0{f.Value}")))));
}
