namespace RedisTopology.Operator.Entities;

public sealed class MigrationStatus
{
    [Required]
    [Description("The shard slots are taken from.")]
    [Length(1, Rules.MaxShardName)]
    public string From { get; set; } = "";

    [Required]
    [Description("The shard they are given to.")]
    [Length(1, Rules.MaxShardName)]
    public string To { get; set; } = "";

    [Description("The slots that are still to be moved.")]
    [Length(maxLength: 1024)]
    public string? Slots { get; set; }

    [Description("Number of slots moved, since the present operator process began to.")]
    public long? Moved { get; set; }

    [Description("Number of slots moved and to be moved.")]
    public long? Total { get; set; }
}
