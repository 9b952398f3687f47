namespace RedisTopology.Operator.Entities;

public sealed class AuthSpec
{
    /// <summary>A kubelet brings a changed Secret into its pods within about two minutes; ten leave room for clients that read it once in a while.</summary>
    internal const string DefaultFormerPasswordFor = "10m";

    [Description("Name of a Secret in the same namespace whose key \"password\" holds the password. When empty, one is generated in the Secret CLUSTER-auth.")]
    [Length(maxLength: 253)]
    public string ExistingSecret { get; set => field = value ?? ""; } = "";

    [Description("How long the servers go on accepting the former password once all of them use a new one: a number and ms, s, m or h, at most 168h. Clients must read the new one within it, and kubelets take up to two minutes to bring it to them.")]
    [DefaultValue(DefaultFormerPasswordFor)]
    [Pattern(Rules.DurationPattern)]
    [Length(maxLength: 16)]
    public string FormerPasswordFor { get; set => field = value ?? DefaultFormerPasswordFor; } = DefaultFormerPasswordFor;
}
