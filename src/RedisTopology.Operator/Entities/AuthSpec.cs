namespace RedisTopology.Operator.Entities;

public sealed class AuthSpec
{
    [Description("Name of a Secret in the same namespace whose key \"password\" holds the password. When empty, one is generated in the Secret CLUSTER-auth.")]
    [Length(maxLength: 253)]
    public string ExistingSecret { get; set => field = value ?? ""; } = "";
}
