using System.Collections.Concurrent;
using System.Diagnostics;

namespace RedisTopology.Testing;

/// <summary>
/// Starts processes that die with this one, even when it is killed with SIGKILL. Linux ties the parent-death signal to the
/// parent <em>thread</em>, and thread-pool threads come and go: everything is forked from one thread that lives as long as
/// the process.
/// </summary>
/// <remarks>
/// The signal reaches the started process only, not its own children; it survives exec, but not exec of a setuid program.
/// </remarks>
public static class Spawner
{
    private static readonly BlockingCollection<Action> Work = StartThread();
    private static readonly string Setpriv = Executables.Find("setpriv", "Install util-linux.");
    // Ctrl-C in a terminal goes to the whole process group; the harness stops its processes itself, in its order.
    private static readonly string Setsid = Executables.Find("setsid", "Install util-linux.");

    /// <summary>Starts the process; its command line is prefixed with <c>setpriv --pdeathsig KILL setsid</c>, which exec: the pid is the program's own.</summary>
    /// <param name="start">Must use <see cref="ProcessStartInfo.ArgumentList"/>, not <see cref="ProcessStartInfo.Arguments"/>.</param>
    public static Process Start(ProcessStartInfo start)
    {
        if (start.Arguments.Length > 0)
            throw new ArgumentException("Use ArgumentList: Arguments cannot be prefixed safely.", nameof(start));
        string[] command = ["--pdeathsig", "KILL", "--", Setsid, "--", start.FileName, .. start.ArgumentList];
        start.FileName = Setpriv;
        start.ArgumentList.Clear();
        foreach (var argument in command)
            start.ArgumentList.Add(argument);

        var started = new TaskCompletionSource<Process>();
        Work.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start) ?? throw new ProcessStartException($"Could not start {command[5]}"));
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        });
        return started.Task.GetAwaiter().GetResult();
    }

    private static BlockingCollection<Action> StartThread()
    {
        var work = new BlockingCollection<Action>();
        var thread = new Thread(() =>
        {
            foreach (var action in work.GetConsumingEnumerable())
                action();
        })
        { IsBackground = true, Name = "process spawner" };
        thread.Start();
        return work;
    }
}
