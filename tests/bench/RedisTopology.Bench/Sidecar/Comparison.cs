using System.Globalization;
using RedisTopology.Bench.Report;

namespace RedisTopology.Bench.Sidecar;

/// <summary>One figure of the sidecar's beside that of whichever peer is best in it.</summary>
/// <param name="Ratio">Median of the ratios within rounds.</param>
/// <param name="Low">The median of all rounds there could be is hardly below this.</param>
/// <param name="High">Nor above this.</param>
/// <param name="IsMoreBetter">Or less.</param>
internal readonly record struct Comparison(double Ratio, double Low, double High, bool IsMoreBetter)
{
    // What the same binary differs by from itself, in rounds as short as these.
    private const double Chance = 0.03;

    /// <summary>The median is not worse, with something for chance.</summary>
    public bool IsLevel => IsMoreBetter ? Ratio >= 1 - Chance : Ratio <= 1 + Chance;

    /// <summary>It is, and not by chance.</summary>
    public bool IsBehind => !IsLevel && (IsMoreBetter ? High < 1 : Low > 1);

    /// <summary>The comparison that is least flattering.</summary>
    public static Comparison WithBest(RunResult[] own, IEnumerable<RunResult[]> peers, Func<RunResult, double> figure, bool isMoreBetter)
    {
        var all = peers.Select(p => own.Zip(p, (a, b) => figure(a) / figure(b)).ToArray()).Select(r => (Ratio: Statistics.Median(r), Interval: Statistics.MedianInterval(r)));
        var (ratio, interval) = isMoreBetter ? all.MinBy(c => c.Ratio) : all.MaxBy(c => c.Ratio);
        return new Comparison(ratio, interval.Low, interval.High, isMoreBetter);
    }

    /// <summary>E.g. <c>0.97 [0.95 0.98]</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Ratio:0.00} [{Low:0.00} {High:0.00}]");
}
