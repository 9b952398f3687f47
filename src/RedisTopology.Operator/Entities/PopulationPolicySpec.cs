namespace RedisTopology.Operator.Entities;

public sealed class PopulationPolicySpec
{
    [Required]
    [Description("The URL a value comes from, with the placeholders of match in its path or query, for example http://blog-api/blogs/{id}. 200: the body is the value. 404 or 410: there is none.")]
    [Length(1, Rules.MaxPopulationText)]
    public string Origin { get; set => field = value ?? ""; } = "";

    [Required]
    [Description("How long a value is fresh, for example 10m.")]
    [Pattern(Rules.DurationPattern)]
    public string Ttl { get; set => field = value ?? ""; } = "";

    [Description("By how many percent ttl is varied, up and down, so that what was stored together does not expire together. Default 10.")]
    [RangeMinimum(0)]
    [RangeMaximum(50)]
    public int? Jitter { get; set; }

    [Description("How long a value is kept after it is no longer fresh: served while it is renewed in the background or the origin is down. Default none.")]
    [Pattern(Rules.DurationPattern)]
    public string? Stale { get; set; }

    [Description("How long the origin's \"not found\" is remembered. Default 5s; 0s: not at all.")]
    [Pattern(Rules.DurationPattern)]
    public string? NegativeTtl { get; set; }

    [Description("How long one call of the origin may take. Default 2s.")]
    [Pattern(Rules.DurationPattern)]
    public string? Timeout { get; set; }

    [Description("How many calls of the origin one sidecar may have under way. Default 50.")]
    [RangeMinimum(1)]
    [RangeMaximum(100000)]
    public int? MaxConcurrency { get; set; }

    [Description("With writeThrough: how many replicas are to have a written value before it is acknowledged. Default 0.")]
    [RangeMinimum(0)]
    [RangeMaximum(Rules.MaxReplicas)]
    public int? WaitReplicas { get; set; }
}
