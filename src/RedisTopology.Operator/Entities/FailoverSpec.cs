namespace RedisTopology.Operator.Entities;

public sealed class FailoverSpec
{
    [Description("How long a silent server is given before the others call it failed (cluster-node-timeout), in seconds or milliseconds: 1s to 60s, for example 5s or 2500ms. Writes to a silent master's slots stop for about this long, plus two seconds; those of one whose process has ended for less.")]
    [DefaultValue("5s")]
    [Pattern(Rules.TimeoutPattern)]
    [Length(maxLength: 8)]
    public string NodeTimeout { get; set => field = value ?? "5s"; } = "5s";

    [Description("Available: a master that is cut off from its replicas keeps accepting writes until it notices, and those are lost. Bounded: it stops within two seconds; needs at least 2 replicas, so that the loss of one does not stop writes.")]
    [DefaultValue("Available")]
    public Durability Durability { get; set; } = Durability.Available;
}
