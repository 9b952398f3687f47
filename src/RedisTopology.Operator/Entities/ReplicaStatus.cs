namespace RedisTopology.Operator.Entities;

public sealed class ReplicaStatus
{
    [Required]
    [Description("Name of the pod.")]
    [Length(1, 253)]
    public string Pod { get; set; } = "";

    [Description("How far it is behind its master, in bytes, in whole MiB: 0 while it keeps up. Refreshed when it has moved by more than a tenth.")]
    public long? LagBytes { get; set; }

    [Description("up: in sync with the master. down: not connected or still synchronising. away: the server does not answer.")]
    public string? Link { get; set; }
}
