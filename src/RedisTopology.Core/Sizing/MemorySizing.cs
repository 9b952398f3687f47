namespace RedisTopology.Core.Sizing;

/// <summary>
/// How a container's memory is divided. <c>maxmemory</c> bounds the dataset alone; the rest is headroom for the copy-on-write of a
/// fork, the replication backlog and the output buffers, which Redis does not evict for.
/// </summary>
/// <param name="MaxMemory">Redis' <c>maxmemory</c>, bytes.</param>
/// <param name="ReplicationBacklog">Redis' <c>repl-backlog-size</c>, bytes: 1/32 of the container, 1 MiB to 128 MiB. The engine's default of 1 MiB turns a short break under load into a full synchronisation.</param>
/// <param name="ReplicaOutputBuffer">The hard limit of <c>client-output-buffer-limit replica</c>, bytes: half the headroom, 16 MiB to 256 MiB (the engine's default). A replica that falls further behind is cut off before the container is killed for memory.</param>
public sealed record MemorySizing(long MaxMemory, long ReplicationBacklog, long ReplicaOutputBuffer)
{
    private const long MiB = 1024 * 1024;

    /// <summary>The smallest container memory accepted, bytes: 32 MiB. An empty server with a replica attached needs about 10 MiB.</summary>
    public const long MinimumMemory = 32 * MiB;

    /// <summary>Divides a container's memory.</summary>
    /// <param name="memory">The container's memory limit, bytes; at least <see cref="MinimumMemory"/>.</param>
    /// <param name="maxMemoryPercent">The share of the dataset, percent, 10..95.</param>
    /// <returns>The division.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static MemorySizing For(long memory, int maxMemoryPercent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(memory, MinimumMemory);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMemoryPercent, 10);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxMemoryPercent, 95);
        var maxMemory = (long)((Int128)memory * maxMemoryPercent / 100);
        var headroom = memory - maxMemory;
        return new MemorySizing(
            maxMemory,
            Math.Clamp(memory / 32, MiB, 128 * MiB),
            Math.Clamp(headroom / 2, 16 * MiB, 256 * MiB));
    }
}
