using System.Runtime.InteropServices;

namespace RedisTopology.Bench.Sidecar;

/// <summary>System calls .NET has no way to make.</summary>
internal static unsafe partial class Native
{
    /// <summary>What is awaited of a descriptor, as poll(2) wants to be told.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Awaited
    {
        public int Descriptor;
        public short Events;
        public short Ready;
    }

    internal const short Readable = 1;

    private const int SCHED_OTHER = 0, SCHED_RR = 2, PR_SET_TIMERSLACK = 29;

    /// <summary>Gives all threads of a process, or the calling thread alone (0), a fixed priority before all that has none, or takes it away.</summary>
    /// <param name="pid">The process; 0: the calling thread.</param>
    /// <param name="priority">1 to 99; 0: none.</param>
    internal static void SetPriority(int pid, int priority)
    {
        var threads = pid == 0 ? [0] : Directory.GetDirectories($"/proc/{pid}/task").Select(d => int.Parse(Path.GetFileName(d), System.Globalization.CultureInfo.InvariantCulture));
        foreach (var thread in threads)
        {
            const int ESRCH = 3;
            var parameter = priority;
            if (sched_setscheduler(thread, priority > 0 ? SCHED_RR : SCHED_OTHER, &parameter) < 0 && Marshal.GetLastSystemError() is var error and not ESRCH)
                throw new InvalidOperationException($"No fixed priority to be had: {Marshal.GetPInvokeErrorMessage(error)}. It takes root or CAP_SYS_NICE");
        }
    }

    /// <summary>The calling thread's waits end when they are to, not up to 50 µs later.</summary>
    internal static void WakeInTime() => _ = prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);

    /// <summary>Waits until one of them is readable.</summary>
    /// <param name="awaited">What is awaited.</param>
    /// <param name="nanoseconds">For how long, below a second; negative: for ever.</param>
    internal static int Wait(Awaited[] awaited, long nanoseconds)
    {
        var time = stackalloc long[] { 0, nanoseconds };
        fixed (Awaited* first = awaited)
            return ppoll(first, (nuint)awaited.Length, nanoseconds < 0 ? null : time, null);
    }

    [LibraryImport("libc")]
    private static partial int sched_setscheduler(int thread, int policy, int* parameter);

    [LibraryImport("libc")]
    private static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc")]
    private static partial int ppoll(Awaited* awaited, nuint count, long* time, void* signals);
}
