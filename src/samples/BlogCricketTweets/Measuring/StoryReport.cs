namespace BlogCricketTweets.Measuring;

internal sealed record StoryReport(long Hits, long Misses, LatencyReport Cached, LatencyReport Direct);
