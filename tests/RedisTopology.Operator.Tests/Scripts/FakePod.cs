using System.Diagnostics;
using RedisTopology.Operator.Manifests;

namespace RedisTopology.Operator.Tests.Scripts;

/// <summary>
/// The file system of a data pod for the scripts under test: a mount namespace and a root of its own, with the volumes where the scripts expect them, and on
/// PATH only the tools the stock images have.
/// </summary>
internal sealed class FakePod : IDisposable
{
    // /usr and the like are the machine's own; the rest of the root is the pod's.
    private const string Enter = """
        set -e
        for d in usr etc dev proc; do mount --rbind "/$d" "$1/$d"; done
        root=$1; chroot=$2; shift 2
        exec "$chroot" "$root" "$@"
        """;

    private static readonly string[] Tools = ["awk", "cat", "cut", "date", "grep", "head", "ls", "mkdir", "mv", "rm", "sed", "sleep", "sort", "timeout", "tr", "wc"];
    private readonly TestDirectory _directory = TestDirectory.Create("pod");
    private readonly Shell _shell;

    private FakePod(Shell shell, int port)
    {
        _shell = shell;
        foreach (var folder in (string[])["usr", "etc", "dev", "proc", "tmp", "bin", "data", "auth", "config", "run/redis"])
            Directory.CreateDirectory(Path.Combine(Root, folder));
        foreach (var link in (string[])["lib", "lib64"])
            File.CreateSymbolicLink(Path.Combine(Root, link), $"usr/{link}");
        if (shell.Busybox)
            Copy("busybox");
        Link("sh", shell.Busybox ? "/bin/busybox" : Executables.TryFind(shell.Program)!);
        foreach (var tool in Tools)
            Link(tool, shell.Busybox ? "/bin/busybox" : Executables.TryFind(tool == "awk" ? shell.Awk : tool)!);
        Link("redis-server", RedisProcess.FindBinary());

        // In a pod the server is at the client's default address; here it has a port of its own.
        Install("redis-cli", $"exec {Executables.TryFind("redis-cli")} -p {port} \"$@\"");
        foreach (var script in (string[])["entry.sh", "alive.sh", "ready.sh", "login.sh", "prestop.sh"])
        {
            using var source = typeof(ClusterManifests).Assembly.GetManifestResourceStream($"scripts/{script}")!;
            using var target = File.Create(this["config/" + script]);
            source.CopyTo(target);
        }
    }

    public string Root => _directory["root"];

    /// <summary>What the last script wrote.</summary>
    public string LogPath => _directory["log"];

    /// <summary>A path inside.</summary>
    public string this[string path] => Path.Combine(Root, path);

    /// <summary>A pod whose server is, or will be, at this port.</summary>
    public static FakePod Create(Shell shell, int port, string? password)
    {
        Prerequisites.Root();
        Prerequisites.Program("unshare", "util-linux");
        Prerequisites.Program("redis-cli", "redis-tools");
        shell = shell.Require();
        var pod = new FakePod(shell, port);
        File.WriteAllText(pod["auth/password"], password ?? "");
        return pod;
    }

    /// <summary>Passwords that servers accept beside the one in use.</summary>
    public void SetOthers(params string[] lines) => File.WriteAllText(this["auth/others"], string.Concat(lines.Select(l => l + "\n")));

    /// <summary>Puts a program of one's own on PATH.</summary>
    public void Install(string name, string script)
    {
        File.Delete(this["bin/" + name]);
        File.WriteAllText(this["bin/" + name], $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(this["bin/" + name], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }

    /// <summary>How long the entry script waits for an election, seconds: two node timeouts and six.</summary>
    public void SetElectionSeconds(int seconds) => File.AppendAllText(this["config/redis.conf"], $"cluster-node-timeout {(seconds - 6) * 500}\n");

    /// <summary>Starts a script, or what it becomes.</summary>
    public ManagedProcess Start(string script, params (string Name, string Value)[] environment) => Enterable(["/bin/sh", $"/config/{script}"], environment);

    /// <summary>Runs a script to its end.</summary>
    public Task<ScriptResult> RunAsync(string script, params (string Name, string Value)[] environment) => FinishAsync(() => Start(script, environment));

    /// <summary>Runs the client against the pod's server.</summary>
    public async Task<string> CliAsync(params string[] arguments) => (await FinishAsync(() => Enterable(
        ["/bin/redis-cli", .. arguments], [("REDISCLI_AUTH", File.ReadAllText(this["auth/password"]))]))).Output.TrimEnd('\n');

    public void Dispose() => _directory.Dispose();

    private async Task<ScriptResult> FinishAsync(Func<ManagedProcess> start)
    {
        File.Delete(LogPath);
        var started = Stopwatch.GetTimestamp();
        await using var process = start();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new ScriptResult(process.ExitCode, await File.ReadAllTextAsync(LogPath), Stopwatch.GetElapsedTime(started));
    }

    private ManagedProcess Enterable(string[] command, (string Name, string Value)[] environment) => ManagedProcess.Start(
        Executables.TryFind("unshare")!,
        ["--mount", "--", "/bin/sh", "-c", Enter, "sh", Root, Executables.TryFind("chroot")!, .. command],
        LogPath,
        environment.Append(("PATH", "/bin")).Prepend(("HOME", "/")).ToDictionary(e => e.Item1, e => e.Item2));

    private void Link(string name, string target) => File.CreateSymbolicLink(this["bin/" + name], target);

    private void Copy(string name) => File.Copy(Executables.TryFind(name)!, this["bin/" + name]);
}
