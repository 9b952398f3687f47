using System.Globalization;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace RedisTopology.Bench.Report;

/// <summary>What the figures were measured on, and how busy it was.</summary>
internal static class Machine
{
    /// <summary>The 1-minute load average: processes that run or wait to. Well above the number of cores, times measure the neighbours.</summary>
    public static double Load => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    public static void Print()
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30);
        AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, {memory:0} GiB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, {TimeProvider.System.GetUtcNow():yyyy-MM-dd}, load {Load:0.0}");
    }
}
