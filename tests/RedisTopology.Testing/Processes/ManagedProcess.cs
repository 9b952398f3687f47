using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RedisTopology.Testing;

/// <summary>A process that logs to a file, can be signalled, and dies with the test process.</summary>
public sealed class ManagedProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ManagedProcess(string name, Process process, string logPath)
    {
        Name = name;
        LogPath = logPath;
        _process = process;
    }

    /// <summary>The name used in messages.</summary>
    public string Name { get; }

    /// <summary>Where stdout and stderr go.</summary>
    public string LogPath { get; }

    /// <summary>Process id.</summary>
    public int Pid => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The exit code; 128 + signal when it was killed. Valid once <see cref="HasExited"/>.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Starts <paramref name="fileName"/>; output is appended to <paramref name="logPath"/>.</summary>
    public static ManagedProcess Start(
        string fileName,
        IEnumerable<string> arguments,
        string logPath,
        IReadOnlyDictionary<string, string>? environment = null,
        string? workingDirectory = null)
    {
        // The shell only redirects: a pipe read by this process would lose the last words of a crash and can block the writer.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = workingDirectory ?? "", UseShellExecute = false };
        foreach (var argument in (string[])["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", logPath, fileName, .. arguments])
            start.ArgumentList.Add(argument);
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            start.Environment[key] = value;
        return new ManagedProcess(Path.GetFileName(fileName), Spawner.Start(start), logPath);
    }

    /// <summary>Sends a signal; nothing happens when the process is gone.</summary>
    public void Signal(PosixSignalNumber signal)
    {
        if (!_process.HasExited)
            _ = Native.Kill(_process.Id, (int)signal);
    }

    /// <summary>SIGKILL, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        Signal(PosixSignalNumber.Kill);
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and SIGKILL when it has not ended within <paramref name="grace"/>.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        Signal(PosixSignalNumber.Term);
        using var timeout = new CancellationTokenSource(grace);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
        }
    }

    /// <summary>SIGSTOP: connections stay open and nothing answers.</summary>
    public void Freeze() => Signal(PosixSignalNumber.Stop);

    /// <summary>SIGCONT.</summary>
    public void Resume() => Signal(PosixSignalNumber.Cont);

    /// <summary>Waits for the end.</summary>
    public Task WaitForExitAsync(CancellationToken ct = default) => _process.WaitForExitAsync(ct);

    /// <summary>The last lines of the log.</summary>
    public string LogTail(int lines = 25) => LogFile.Tail(LogPath, lines);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private static class Native
    {
        [DllImport("libc", EntryPoint = "kill")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int Kill(int pid, int signal);
    }
}
