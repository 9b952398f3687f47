using System.Globalization;

namespace RedisTopology.Bench.Report;

/// <summary>What is going on, on standard error: standard output is for the tables.</summary>
internal static class Progress
{
    public static void Say(FormattableString text) =>
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():HH:mm:ss} {FormattableString.Invariant(text)}"));
}
