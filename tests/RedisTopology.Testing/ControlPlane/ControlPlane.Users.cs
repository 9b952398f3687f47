using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Models;

namespace RedisTopology.Testing;

public sealed partial class ControlPlane
{
    /// <summary>
    /// A client configuration for a user that has no rights but those RBAC gives to its name and groups. The certificate is issued through the
    /// cluster's own CertificateSigningRequest API, so this works for an existing cluster as well.
    /// </summary>
    /// <param name="userName">E.g. <c>alice</c>; for a service account's rights, <c>system:serviceaccount:ns:name</c>.</param>
    /// <param name="groups">Any but <c>system:masters</c>, which the API server refuses to sign. <c>system:authenticated</c> comes by itself.</param>
    public async Task<KubernetesClientConfiguration> CreateUserAsync(string userName, string[] groups)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(userName);
        foreach (var group in groups)
            subject.AddOrganizationName(group);
        var pem = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256).CreateSigningRequestPem();

        var requests = Client.CertificatesV1;
        var request = await requests.CreateCertificateSigningRequestAsync(new V1CertificateSigningRequest
        {
            Metadata = new V1ObjectMeta { GenerateName = "test-user-" },
            Spec = new V1CertificateSigningRequestSpec
            {
                Request = Encoding.ASCII.GetBytes(pem),
                SignerName = "kubernetes.io/kube-apiserver-client",
                Usages = ["client auth"],
            },
        });
        request.Status = new V1CertificateSigningRequestStatus
        {
            Conditions = [new V1CertificateSigningRequestCondition { Type = "Approved", Status = "True", Reason = "Test", Message = "Created by the test harness" }],
        };
        await requests.ReplaceCertificateSigningRequestApprovalAsync(request, request.Name());
        var signed = await Eventually.ThatAsync(
            () => requests.ReadCertificateSigningRequestAsync(request.Name()), r => r.Status.Certificate is { Length: > 0 }, TimeSpan.FromSeconds(30));
        await requests.DeleteCertificateSigningRequestAsync(request.Name());

        return new KubernetesClientConfiguration
        {
            Host = ClientConfiguration.Host,
            SslCaCerts = ClientConfiguration.SslCaCerts,
            SkipTlsVerify = ClientConfiguration.SkipTlsVerify,
            TlsServerName = ClientConfiguration.TlsServerName,
            ClientCertificateData = Convert.ToBase64String(signed.Status.Certificate),
            ClientCertificateKeyData = Convert.ToBase64String(Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem())),
        };
    }
}
