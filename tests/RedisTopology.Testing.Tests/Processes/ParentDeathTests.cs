using System.Diagnostics;

namespace RedisTopology.Testing.Tests.Processes;

public sealed class ParentDeathTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_control_plane_dies_with_a_test_process_that_is_killed()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        // Under "dotnet X.dll" the process is dotnet, which needs to be told.
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(typeof(ParentDeathTests).Assembly.Location);
        start.Environment[Victim.Variable] = "1";
        using var victim = Spawner.Start(start);
        string? line;
        do
            line = await victim.StandardOutput.ReadLineAsync(Ct);
        while (line is not (null or Victim.Ready));
        Assert.Equal(Victim.Ready, line);

        var started = ChildrenOf(victim.Id);
        Assert.Equal(["etcd", "kube-apiserver", "kube-controller"], started.Select(NameOf).Order(StringComparer.Ordinal));
        victim.Kill();

        await Eventually.ThatAsync(() => Task.FromResult(started.Where(IsAlive).Select(NameOf).ToList()), alive => alive.Count == 0, TimeSpan.FromSeconds(10), ct: Ct);
    }

    [Fact]
    public async Task It_is_the_process_that_counts_not_the_thread_that_asked()
    {
        using var directory = TestDirectory.Create("thread");
        ManagedProcess? sleeper = null;
        var thread = new Thread(() => sleeper = ManagedProcess.Start("/bin/sleep", ["60"], directory["log"]));
        thread.Start();
        thread.Join();
        await using var process = sleeper!;

        // A parent-death signal tied to the ended thread would have come by now.
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Ct);

        Assert.False(process.HasExited);
    }

    private static int[] ChildrenOf(int pid) =>
    [
        .. Directory.EnumerateDirectories($"/proc/{pid}/task")
            .SelectMany(task => File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(int.Parse),
    ];

    // The kernel keeps 15 characters of a name.
    private static string NameOf(int pid) => File.Exists($"/proc/{pid}/comm") ? File.ReadAllText($"/proc/{pid}/comm").Trim() : "";

    // A zombie is dead; whoever adopted it may take its time to notice.
    private static bool IsAlive(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/stat").Split(')')[^1].TrimStart()[0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
