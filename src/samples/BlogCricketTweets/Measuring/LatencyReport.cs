namespace BlogCricketTweets.Measuring;

/// <summary>Times in milliseconds; null before the first read.</summary>
internal sealed record LatencyReport(long Reads, long OriginCalls, double? P50, double? P99, IReadOnlyList<double> Latest);
