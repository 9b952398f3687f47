namespace RedisTopology.Operator.Entities;

public sealed class TolerationSpec
{
    [Description("Key of the taint; empty with operator Exists tolerates all.")]
    [Length(maxLength: 317)]
    public string? Key { get; set; }

    [Description("Equal or Exists.")]
    [EnumValues("Equal", "Exists")]
    public string? Operator { get; set; }

    [Description("Value of the taint, for operator Equal.")]
    [Length(maxLength: 63)]
    public string? Value { get; set; }

    [Description("Effect of the taint; empty for all.")]
    [EnumValues("NoSchedule", "PreferNoSchedule", "NoExecute")]
    public string? Effect { get; set; }

    [Description("How long a NoExecute taint is tolerated, in seconds; for ever when absent.")]
    public long? TolerationSeconds { get; set; }
}
