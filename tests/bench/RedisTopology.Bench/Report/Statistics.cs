namespace RedisTopology.Bench.Report;

internal static class Statistics
{
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>Between which two of the values the median of all there could be lies, with a confidence of at least 95 %; of fewer than six the least and the greatest, which is less sure.</summary>
    /// <remarks>It is above the k-th smallest of n as surely as n coins show heads k times or more: nothing is taken for granted of how values are spread.</remarks>
    public static (double Low, double High) MedianInterval(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        var n = sorted.Count;
        // How likely exactly so many heads are, and at most so many.
        var exactly = Math.Pow(0.5, n);
        var atMost = exactly;
        var k = 0;
        while (k + 1 < n)
        {
            exactly *= (n - k) / (k + 1.0);
            if (atMost + exactly > 0.025)
                break;
            atMost += exactly;
            k++;
        }

        // At most k heads is rare enough: the median is rarely below the value at that place, counted from 0, or above its mirror image.
        var place = atMost <= 0.025 ? k : 0;
        return (sorted[place], sorted[n - 1 - place]);
    }

    /// <summary>The smallest value that so many (0 to 1) are not above: the largest of all when there are few.</summary>
    public static double Percentile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToList();
        return sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)];
    }
}
