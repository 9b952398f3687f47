using System.ComponentModel;
using System.Runtime.InteropServices;

namespace RedisTopology.Testing.Kubelet.Runtime;

/// <summary>The handful of Linux calls .NET does not expose.</summary>
internal static class NativeMethods
{
    /// <summary>SIGKILL.</summary>
    public const int SigKill = 9;

    /// <summary>SIGTERM.</summary>
    public const int SigTerm = 15;

    /// <summary>SIGCONT.</summary>
    public const int SigCont = 18;

    /// <summary>SIGSTOP.</summary>
    public const int SigStop = 19;

    private const int CloneNewNet = 0x40000000;

    /// <summary>Sends a signal; a process that has gone already is not an error.</summary>
    public static bool Kill(int pid, int signal) => pid > 1 && KillCore(pid, signal) == 0;

    /// <summary>The effective user id.</summary>
    public static uint EffectiveUser() => GetEuidCore();

    /// <summary>Changes owner and group without following a symbolic link; -1 leaves one as it is.</summary>
    public static void ChangeOwner(string path, long user, long group)
    {
        if (LchownCore(path, unchecked((uint)user), unchecked((uint)group)) != 0)
            throw new IOException($"chown {path}", new Win32Exception(Marshal.GetLastPInvokeError()));
    }

    /// <summary>chmod(2).</summary>
    public static void ChangeMode(string path, int mode)
    {
        if (ChmodCore(path, unchecked((uint)mode)) != 0)
            throw new IOException($"chmod {path}", new Win32Exception(Marshal.GetLastPInvokeError()));
    }

    /// <summary>rename(2): replaces the target atomically, symbolic links included.</summary>
    public static void Rename(string from, string to)
    {
        if (RenameCore(from, to) != 0)
            throw new IOException($"rename {from} to {to}", new Win32Exception(Marshal.GetLastPInvokeError()));
    }

    /// <summary>Runs an action on a thread of its own inside another process's network namespace; a socket created there stays in that namespace.</summary>
    public static Task<T> InNetworkNamespaceOf<T>(int pid, Func<T> action)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle($"/proc/{pid}/ns/net");
                if (SetnsCore(handle.DangerousGetHandle().ToInt32(), CloneNewNet) != 0)
                    throw new Win32Exception(Marshal.GetLastPInvokeError());
                done.SetResult(action());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        { IsBackground = true, Name = "netns" };
        thread.Start();
        return done.Task;
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int KillCore(int pid, int signal);

    [DllImport("libc", EntryPoint = "geteuid")]
    private static extern uint GetEuidCore();

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int SetnsCore(int fd, int type);

    [DllImport("libc", EntryPoint = "lchown", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int LchownCore([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint user, uint group);

    [DllImport("libc", EntryPoint = "chmod", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int ChmodCore([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);

    [DllImport("libc", EntryPoint = "rename", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int RenameCore([MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);
}
