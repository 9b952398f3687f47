using System.Diagnostics;
using System.Globalization;

namespace RedisTopology.Testing.Kubelet.Runtime;

/// <summary>A running container: a pid and mount namespace of its own inside the pod's sandbox. Killing its first process kills the tree.</summary>
internal sealed class ContainerProcess
{
    private readonly ContainerSpec _spec;
    private readonly string _folder;
    private readonly TimeProvider _clock;

    private ContainerProcess(ContainerSpec spec, int pid, string folder, Task<int> exit, TimeProvider clock)
    {
        _spec = spec;
        _folder = folder;
        _clock = clock;
        Pid = pid;
        Exit = exit;
    }

    /// <summary>The first process as the host numbers it.</summary>
    public int Pid { get; }

    /// <summary>The exit status: 128 + signal when killed by one.</summary>
    public Task<int> Exit { get; }

    /// <summary>Starts the program; throws <see cref="ContainerStartException"/> when its root cannot be made.</summary>
    public static async Task<ContainerProcess> StartAsync(PodSandbox sandbox, ContainerSpec spec, string folder, string logFile, TimeProvider clock, CancellationToken cancel)
    {
        var root = ContainerRoot.Prepare(spec, folder);
        // Not unshare --fork: that of util-linux 2.38 answers 1 for a child that was killed. A shell's first child is the new namespace's init as well.
        var shell = HostTools.Path("sh");
        var outer = $"exec 2>/dev/null; {shell} -c {ShellText.Quote(root.StartScript(logFile))}; exit $?";
        var start = new ProcessStartInfo(HostTools.Path("setsid")) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var argument in new[] { HostTools.Path("nsenter"), "--target", sandbox.Pid.ToString(CultureInfo.InvariantCulture), "--pid", "--net", "--uts", "--ipc", "--", HostTools.Path("unshare"), "--mount", "--pid", shell, "-c", outer })
            start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var (key, value) in spec.Environment)
            start.Environment[key] = value;
        var process = Process.Start(start)!;
        // What the container says goes to its log; here nsenter and unshare alone speak.
        var complaints = process.StandardError.ReadToEndAsync(CancellationToken.None);
        if (int.TryParse(await process.StandardOutput.ReadLineAsync(cancel), CultureInfo.InvariantCulture, out var pid))
            return new ContainerProcess(spec, pid, folder, WaitAsync(process, folder), clock);
        await process.WaitForExitAsync(cancel);
        process.Dispose();
        StateDirectory.Remove(folder);
        throw new ContainerStartException(File.Exists(logFile) ? await File.ReadAllTextAsync(logFile, cancel) : await complaints);
    }

    /// <summary>Sends a signal to the first process. Like any first process of a container it ignores signals it has no handler for, except KILL and STOP.</summary>
    public void Signal(int signal)
    {
        if (!Exit.IsCompleted)
            NativeMethods.Kill(Pid, signal);
    }

    /// <summary>Stops or continues every process of the container.</summary>
    public void SignalAll(int signal)
    {
        foreach (var pid in Tree(Pid))
        {
            if (!Exit.IsCompleted)
                NativeMethods.Kill(pid, signal);
        }
    }

    /// <summary>Runs a command in the container's namespaces, under its identity, root, working directory and environment.</summary>
    public Task<ExecResult> ExecAsync(IEnumerable<string> command, TimeSpan timeout, CancellationToken cancel)
    {
        List<string> words = ["--target", Pid.ToString(CultureInfo.InvariantCulture), "--mount", "--pid", "--net", "--uts", "--ipc", "--root", "--wd", "--"];
        words.AddRange(_spec.IdentityCommand());
        words.AddRange(command);
        return CommandRunner.RunAsync("nsenter", words, null, _spec.Environment, timeout, _clock, cancel);
    }

    private static async Task<int> WaitAsync(Process process, string folder)
    {
        await process.WaitForExitAsync();
        var code = process.ExitCode;
        process.Dispose();
        StateDirectory.Remove(folder);
        return code;
    }

    private static IEnumerable<int> Tree(int pid)
    {
        yield return pid;
        string children;
        try
        {
            children = string.Join(' ', Directory.EnumerateDirectories($"/proc/{pid}/task").Select(task => File.ReadAllText($"{task}/children")));
        }
        catch (IOException)
        {
            yield break;
        }

        foreach (var child in children.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (var found in Tree(int.Parse(child, CultureInfo.InvariantCulture)))
                yield return found;
        }
    }
}
