using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;

namespace RedisTopology.Testing;

/// <summary>Plain HTTP to an API server with a kubeconfig's credentials, for what the typed client does not cover.</summary>
internal static class ApiHttp
{
    public static SocketsHttpHandler CreateHandler(KubernetesClientConfiguration configuration)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        var tls = handler.SslOptions;
        if (configuration.SkipTlsVerify)
        {
#pragma warning disable CA5359 // The kubeconfig says insecure-skip-tls-verify.
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (configuration.SslCaCerts is { } authorities)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        if (ClientCertificate(configuration) is { } certificate)
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
        return handler;
    }

    public static AuthenticationHeaderValue? Authorization(KubernetesClientConfiguration configuration) => configuration switch
    {
        { AccessToken: { Length: > 0 } token } => new("Bearer", token),
        { Username: { Length: > 0 } user } => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{configuration.Password}"))),
        _ => null,
    };

    public static HttpClient CreateClient(KubernetesClientConfiguration configuration)
    {
        var client = new HttpClient(CreateHandler(configuration)) { BaseAddress = new Uri(configuration.Host.TrimEnd('/') + "/"), Timeout = TimeSpan.FromSeconds(30) };
        client.DefaultRequestHeaders.Authorization = Authorization(configuration);
        return client;
    }

    private static X509Certificate2? ClientCertificate(KubernetesClientConfiguration configuration) => configuration switch
    {
        { ClientCertificateData: { Length: > 0 } certificate, ClientCertificateKeyData: { Length: > 0 } key } =>
            X509Certificate2.CreateFromPem(FromBase64(certificate), FromBase64(key)),
        { ClientCertificateFilePath: { Length: > 0 } certificate, ClientKeyFilePath: { Length: > 0 } key } =>
            X509Certificate2.CreateFromPemFile(certificate, key),
        _ => null,
    };

    private static string FromBase64(string text) => Encoding.UTF8.GetString(Convert.FromBase64String(text));
}
