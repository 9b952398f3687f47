using RedisTopology.Sidecar.Metrics;

namespace RedisTopology.Sidecar.Tests.Metrics;

public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(-3, 0)]
    [InlineData(0, 0)]
    [InlineData(16, 0)]
    [InlineData(17, 1)]
    [InlineData(32, 1)]
    [InlineData(33, 2)]
    [InlineData(4_194_304, 18)]
    [InlineData(4_194_305, 19)]
    [InlineData(long.MaxValue, 19)]
    public void A_latency_is_counted_in_the_least_bucket_whose_bound_holds_it(long microseconds, int bucket)
    {
        var histogram = new LatencyHistogram();
        histogram.Add(microseconds);
        Assert.Equal([bucket], Enumerable.Range(0, LatencyHistogram.Buckets).Where(b => histogram.Count(b) == 1));
        if (bucket < LatencyHistogram.Buckets - 1)
            Assert.InRange(microseconds, bucket == 0 ? long.MinValue : LatencyHistogram.UpperBound(bucket - 1) + 1, LatencyHistogram.UpperBound(bucket));
    }
}
