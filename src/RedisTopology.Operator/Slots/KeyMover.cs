using System.Diagnostics;
using System.Globalization;
using System.Text;
using RedisTopology.Operator.Redis;
using StackExchange.Redis;

namespace RedisTopology.Operator.Slots;

/// <summary>
/// Moves keys with <c>MIGRATE</c>. While it runs the source serves nobody, so there is one at a time and a pause after each. A key is replaced at the target when it is there
/// already: the source keeps serving, and changing, every key it still has, so its copy is the newer one; the other was left by an attempt whose reply was lost.
/// </summary>
/// <param name="move">Both ends.</param>
/// <param name="metrics">Where the durations are told.</param>
/// <param name="cluster">Whose they are: namespace and name of the cluster.</param>
internal sealed class KeyMover(SlotMove move, ClusterMetrics metrics, string[] cluster)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly (string Host, int Port) _target = Split(move.Target.Address);

    /// <summary>Hands over one batch.</summary>
    /// <param name="slot">The slot, open at both ends.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="largest">The size of the largest that was measured, bytes.</param>
    /// <exception cref="SlotMoveException">The target refuses keys, or the source cannot reach it.</exception>
    public async Task MoveAsync(int slot, ArraySegment<byte[]> keys, long largest)
    {
        // How long the source may wait for a sign of the target: it is deaf meanwhile. A large key takes the target a while to read.
        var patience = largest > BatchSizer.Bytes ? move.NodeTimeout / 2 : Shorter(LongestWait, move.NodeTimeout / 4);
        object[] arguments =
        [
            _target.Host, _target.Port, "", 0, (long)patience.TotalMilliseconds, "REPLACE", "AUTH2", "default", move.Servers.Password, "KEYS", .. keys,
        ];
        var started = Stopwatch.GetTimestamp();
        try
        {
            await move.Servers.ExecuteAsync(move.Source.Address, "MIGRATE", arguments);
        }
        catch (RedisServerException e)
        {
            throw new SlotMoveException(Explain(slot, e.Message), e);
        }

        var took = Stopwatch.GetElapsedTime(started);
        if (largest < BatchSizer.Bytes)
            move.Progress.Batches.Learn(keys.Count, took);
        move.Progress.AddKeys(keys.Count);
        metrics.KeysMoved.WithLabels(cluster).Inc(keys.Count);
        metrics.MigrateDuration.WithLabels(cluster).Observe(took.TotalSeconds);
    }

    /// <summary>Remembers that a slot is left where it is because of a key in it.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="key">The key.</param>
    /// <param name="size">Its size, bytes.</param>
    /// <param name="now">The time.</param>
    public void Block(int slot, byte[] key, long size, DateTimeOffset now) => move.Blocks.Add(
        slot,
        string.Create(CultureInfo.InvariantCulture, $"slot {slot} stays on {move.Source.Pod}: its key \"{Printable(key)}\" has {size / 1_000_000.0:0.#} MB, and handing over more than {move.LargestKey / 1_000_000.0:0.#} MB at once would stop the server for too long; make the key smaller, delete it, or raise failover.nodeTimeout"),
        now);

    private string Explain(int slot, string message)
    {
        const string FromTarget = "Target instance replied with error: ";
        var at = message.IndexOf(FromTarget, StringComparison.Ordinal);
        if (at >= 0)
            return $"{move.Target.Pod} refuses keys of slot {slot} from {move.Source.Pod}: {message[(at + FromTarget.Length)..]}";
        return message.StartsWith("IOERR", StringComparison.Ordinal)
            ? $"{move.Source.Pod} cannot reach {move.Target.Pod} to hand over slot {slot}: {message}"
            : $"{move.Source.Pod} does not hand over keys of slot {slot}: {message}";
    }

    private static string Printable(byte[] key)
    {
        var text = new StringBuilder();
        foreach (var c in Encoding.UTF8.GetString(key.AsSpan(0, Math.Min(key.Length, 100))))
            text.Append(char.IsControl(c) || c is '"' or '\uFFFD' ? '?' : c);
        return key.Length > 100 ? text.Append("...").ToString() : text.ToString();
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static (string Host, int Port) Split(string address) => RedisEndpoint.Of(address) is var endpoint ? (endpoint.Address.ToString(), endpoint.Port) : default;
}
