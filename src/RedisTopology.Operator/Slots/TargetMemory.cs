using System.Globalization;

namespace RedisTopology.Operator.Slots;

/// <summary>
/// Whether a target has memory for more. One that evicts would take what it is given and push out other keys for it, and nobody would be told; one that does not evict refuses.
/// </summary>
internal static class TargetMemory
{
    /// <summary>The part of <c>maxmemory</c> that may be used: keys that are not weighed one by one must fit in the rest.</summary>
    private const double Usable = 0.99;

    /// <summary>Asks the target.</summary>
    /// <param name="move">Both ends.</param>
    /// <param name="bytes">What it is to receive and was weighed, bytes.</param>
    /// <exception cref="SlotMoveException">It is full.</exception>
    public static async Task ThrowIfFullAsync(SlotMove move, long bytes)
    {
        var info = (string)(await move.Servers.ExecuteAsync(move.Target.Address, "INFO", "memory"))!;
        var (most, used) = (Number(info, "maxmemory"), Number(info, "used_memory") - Number(info, "mem_not_counted_for_evict"));
        if (most > 0 && used + bytes > most * Usable)
        {
            throw new SlotMoveException(string.Create(
                CultureInfo.InvariantCulture,
                $"{move.Target.Pod} is full: it uses {used / 1_000_000.0:0.#} of {most / 1_000_000.0:0.#} MB, and slots from {move.Source.Pod} would push out its own keys; raise size.memory, or give the slots to another shard"));
        }
    }

    private static long Number(string info, string field)
    {
        foreach (var line in info.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(field, StringComparison.Ordinal) && line.Length > field.Length && line[field.Length] == ':')
                return long.TryParse(line[(field.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        }

        return 0;
    }
}
