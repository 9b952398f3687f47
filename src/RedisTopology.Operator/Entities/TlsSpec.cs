namespace RedisTopology.Operator.Entities;

[ValidationRule("self.enabled || ((!has(self.secretName) || self.secretName == '') && (!has(self.certManagerIssuer) || self.certManagerIssuer == ''))", message: Rules.TlsNotEnabled)]
[ValidationRule("!has(self.secretName) || self.secretName == '' || !has(self.certManagerIssuer) || self.certManagerIssuer == ''", message: Rules.TlsOneSource)]
public sealed class TlsSpec
{
    [Description("Clients, servers and the operator speak TLS (1.2 or newer) with each other, and nothing else is listened to. Cannot be changed.")]
    [DefaultValue(false)]
    public bool Enabled { get; set; }

    [Description("Name of a Secret in the same namespace with the keys ca.crt, tls.crt and tls.key: the certificate of all servers, for the name CLUSTER.NAMESPACE.svc. When it changes the servers load it while they run. When this and certManagerIssuer are empty, the operator has an authority of its own for the cluster and renews the certificate by itself.")]
    [Length(maxLength: 253)]
    public string SecretName { get; set => field = value ?? ""; } = "";

    [Description("Name of an Issuer of cert-manager in the same namespace, or ClusterIssuer/NAME: the operator has it issue the certificate into the Secret CLUSTER-issued. Let it issue nothing else: whoever holds a certificate of its authority is a server to the others.")]
    [Pattern(Rules.IssuerPattern)]
    [Length(maxLength: 253)]
    public string CertManagerIssuer { get; set => field = value ?? ""; } = "";
}
