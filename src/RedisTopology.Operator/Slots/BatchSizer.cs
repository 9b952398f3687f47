namespace RedisTopology.Operator.Slots;

/// <summary>
/// How many keys one <c>MIGRATE</c> hands over. It stops its source for as long as it takes, and every client of the source waits: so batches grow while they are
/// quick, and shrink when they are not. The quickest of some decides: what made the others slower was a busy machine, and smaller batches, of which there would be more,
/// would only make it busier.
/// </summary>
internal sealed class BatchSizer
{
    /// <summary>What a batch may hold in keys known to be large: 5 ms at the 25 MB/s that a hash of many fields is handed over at (an 80 MB one took 3.1 s).</summary>
    public const int Bytes = 128 * 1024;

    /// <summary>How long a batch should take when nothing else runs: clients of the source hardly notice it.</summary>
    public static readonly TimeSpan Aim = TimeSpan.FromMilliseconds(0.35);

    private const int Least = 16;
    private const int Most = 500;
    private const int Sample = 8;

    private TimeSpan _quickest = TimeSpan.MaxValue;
    private int _seen;

    /// <summary>Keys in the next batch.</summary>
    public int Keys { get; private set; } = 32;

    /// <summary>Learns from a batch.</summary>
    /// <param name="keys">How many keys it had; a rest that is much smaller than asked for says nothing.</param>
    /// <param name="took">How long it took.</param>
    public void Learn(int keys, TimeSpan took)
    {
        if (keys * 4 < Keys * 3)
            return;
        _quickest = took < _quickest ? took : _quickest;
        if (++_seen < Sample)
            return;
        if (_quickest > Aim * 1.2)
            Keys = Math.Max(Least, Keys * 4 / 5);
        else if (_quickest < Aim * 0.8)
            Keys = Math.Min(Most, Keys * 5 / 4);
        (_quickest, _seen) = (TimeSpan.MaxValue, 0);
    }
}
