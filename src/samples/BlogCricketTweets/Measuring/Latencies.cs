namespace BlogCricketTweets.Measuring;

/// <summary>The last reads of one kind: how many there were, and how long the latest 500 took.</summary>
internal sealed class Latencies
{
    private const int Kept = 500;
    private readonly Queue<double> _latest = new(Kept);
    private long _reads;

    public void Add(TimeSpan took)
    {
        lock (_latest)
        {
            _reads++;
            if (_latest.Count == Kept)
                _latest.Dequeue();
            _latest.Enqueue(took.TotalMilliseconds);
        }
    }

    public LatencyReport Report(long originCalls)
    {
        double[] all;
        long reads;
        lock (_latest)
            (all, reads) = ([.. _latest], _reads);
        var sorted = all.Order().ToArray();
        return new(reads, originCalls, At(0.5), At(0.99), [.. all.TakeLast(80).Select(ms => Math.Round(ms, 3))]);

        double? At(double share) => sorted.Length == 0 ? null : Math.Round(sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)], 3);
    }
}
