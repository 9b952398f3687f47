using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RedisTopology.Sidecar.Metrics;

/// <summary>The metrics of the process, its configuration and its build.</summary>
internal static class ProcessFamilies
{
    /// <summary>The version of this build.</summary>
    public static string Version { get; } = typeof(ProcessFamilies).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    public static IReadOnlyList<MetricFamily> All { get; } =
    [
        new("config_reload_failed", "gauge", "1 while the configuration file is invalid, and the options before it are in force.", (s, w) => w.Sample(s.Reload.IsFailed ? 1 : 0)),
        new("config_restart_needed", "gauge", "1 while the configuration file has values that need a restart.", (s, w) => w.Sample(s.Reload.NeedsRestart ? 1 : 0)),
        new("config_reloads_total", "counter", "Changes of the configuration file that were taken up or refused.", Reloads) { Labels = "outcome" },
        new("config_last_valid_timestamp_seconds", "gauge", "When the configuration was last read and found valid.", (s, w) => w.Sample(s.Reload.LastSuccess)),
        new("process_cpu_seconds_total", "counter", "CPU time used, user and system.", (_, w) => w.Sample(Environment.CpuUsage.TotalTime.TotalSeconds)),
        new("process_resident_memory_bytes", "gauge", "Resident memory.", (_, w) => w.Sample(Environment.WorkingSet)),
        new("process_open_fds", "gauge", "File descriptors in use.", (_, w) => w.Sample(Directory.EnumerateFileSystemEntries("/proc/self/fd").Count())),
        new("process_threads", "gauge", "Threads.", (_, w) => w.Sample(Directory.EnumerateFileSystemEntries("/proc/self/task").Count())),
        new("process_start_time_seconds", "gauge", "When the process started, in seconds since 1970.", (_, w) => w.Sample(Started)),
        new("gc_collections_total", "counter", "Garbage collections, by generation.", Collections) { Labels = "generation" },
        new("gc_heap_bytes", "gauge", "Bytes of the managed heap in use after the last collection.", (_, w) => w.Sample(GC.GetGCMemoryInfo().HeapSizeBytes)),
        new("gc_allocated_bytes_total", "counter", "Bytes ever allocated on the managed heap.", (_, w) => w.Sample(GC.GetTotalAllocatedBytes())),
        MetricFamilies.Sum("loop_allocated_bytes_total", "counter", "Bytes the loops have allocated on the managed heap: commands at steady state add nothing.", l => l.AllocatedBytes),
        new("gc_pause_seconds_total", "counter", "Time in which collections held all threads up.", (_, w) => w.Sample(GC.GetTotalPauseDuration().TotalSeconds)),
        new("build_info", "gauge", "1; its labels say what runs.", Build) { Labels = "version, runtime, architecture, aot" },
    ];

    private static double Started
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0;
        }
    }

    private static void Reloads(MetricSources sources, MetricWriter writer)
    {
        writer.Sample(sources.Reload.Succeeded, ("outcome", "taken"));
        writer.Sample(sources.Reload.Failed, ("outcome", "refused"));
    }

    private static void Collections(MetricSources sources, MetricWriter writer)
    {
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
            writer.Sample(GC.CollectionCount(generation), ("generation", generation.ToString(CultureInfo.InvariantCulture)));
    }

    private static void Build(MetricSources sources, MetricWriter writer) => writer.Sample(
        1,
        ("version", Version),
        ("runtime", Environment.Version.ToString()),
        ("architecture", RuntimeInformation.ProcessArchitecture.ToString()),
        ("aot", RuntimeFeature.IsDynamicCodeSupported ? "false" : "true"));
}
