using System.Globalization;

namespace RedisTopology.Testing.Kubelet.Runtime;

/// <summary>A process named so that a recycled pid is not mistaken for it: pid and start time in clock ticks since boot.</summary>
/// <param name="Pid">The process id.</param>
/// <param name="StartTicks">Field 22 of /proc/pid/stat.</param>
internal readonly record struct ProcessIdentity(int Pid, long StartTicks)
{
    /// <summary>This process.</summary>
    public static ProcessIdentity Current { get; } = new(Environment.ProcessId, ReadStartTicks(Environment.ProcessId) ?? 0);

    /// <summary>Whether exactly this process still runs.</summary>
    public bool IsAlive => ReadStartTicks(Pid) == StartTicks;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pid}-{StartTicks}");

    /// <summary>Reads what <see cref="ToString"/> wrote at the start of a name; null when the name is another's.</summary>
    public static ProcessIdentity? Parse(string text)
    {
        var parts = text.Split('-');
        return parts.Length >= 2 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var pid) && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var ticks)
            ? new ProcessIdentity(pid, ticks)
            : null;
    }

    // The second field may hold spaces and parentheses: count from the last ')'. A zombie no longer runs.
    private static long? ReadStartTicks(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
