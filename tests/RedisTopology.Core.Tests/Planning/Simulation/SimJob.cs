namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>An atomic slot migration.</summary>
internal sealed class SimJob(string id, RedisServer source, RedisServer target, ulong mask, int doneAt)
{
    public string Id => id;

    public RedisServer Source => source;

    public RedisServer Target => target;

    public ulong Mask { get; set; } = mask;

    public int DoneAt => doneAt;
}
