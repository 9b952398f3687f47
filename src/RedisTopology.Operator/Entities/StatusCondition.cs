namespace RedisTopology.Operator.Entities;

public sealed class StatusCondition
{
    [Required]
    [Description("Ready, Progressing, Degraded, SlotsCovered or SpecValid.")]
    [Length(1, 316)]
    public string Type { get; set; } = "";

    [Required]
    [Description("True, False or Unknown.")]
    [EnumValues("True", "False", "Unknown")]
    public string Status { get; set; } = "Unknown";

    [Description("The generation of the spec this condition speaks of.")]
    public long? ObservedGeneration { get; set; }

    [Required]
    [Description("When the status last changed.")]
    public DateTime? LastTransitionTime { get; set; }

    [Required]
    [Description("Why, in one CamelCase word.")]
    [Length(1, 1024)]
    public string Reason { get; set; } = "";

    [Required]
    [Description("Why, in a sentence.")]
    [Length(maxLength: 32768)]
    public string Message { get; set; } = "";
}
