using System.Globalization;
using System.Runtime.InteropServices;
using RedisTopology.Bench.Report;
using RedisTopology.Testing;

namespace RedisTopology.Bench.Sidecar;

/// <summary>
/// A cluster, one plain server to compare with, and whatever proxies are at hand. Nutcracker knows no cluster: it has three plain servers of its own. All of them run all the time; who
/// is idle costs nothing.
/// </summary>
internal sealed class SidecarWorld : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _running = [];
    private readonly List<IDisposable> _held = [];
    private readonly List<LoadTarget> _targets = [];
    private readonly List<int> _servers = [];

    /// <summary>The direct server first, then the sidecar or sidecars, then the peers.</summary>
    public IReadOnlyList<LoadTarget> Targets => _targets;

    /// <summary>The first sidecar's binary once more, with ids in its keys.</summary>
    public LoadTarget KeyRange { get; private set; } = null!;

    /// <summary>The binary of the sidecar.</summary>
    public string Program { get; private set; } = null!;

    /// <summary>"host:port" of the cluster's servers.</summary>
    public string Seeds { get; private set; } = null!;

    /// <summary>How many of the targets are sidecars.</summary>
    public int Sidecars { get; private set; }

    public static async Task<SidecarWorld> StartAsync(SidecarBenchOptions options, CancellationToken cancel)
    {
        var world = new SidecarWorld();
        try
        {
            var direct = world.Running(await RedisProcess.StartAsync(ct: cancel));
            world._targets.Add(new LoadTarget("direct", direct.Port, direct.Pid));
            var cluster = world.Running(await LocalCluster.StartAsync(3, options.Replicas, ct: cancel));
            world._servers.AddRange(cluster.Nodes.Select(n => n.Pid));
            await world.StartSidecarsAsync(cluster, options, cancel);
            await world.StartNutcrackerAsync(cancel);
            await world.StartPredixyAsync(cluster, options, cancel);
            if (options.Priority > 0)
                world._servers.ForEach(s => Native.SetPriority(s, options.Priority));
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in Enumerable.Reverse(_running))
            await one.DisposeAsync();
        _held.ForEach(h => h.Dispose());
    }

    private async Task StartSidecarsAsync(LocalCluster cluster, SidecarBenchOptions options, CancellationToken cancel)
    {
        string[] config = options.Threads > 0 ? [string.Create(CultureInfo.InvariantCulture, $"loops: {options.Threads}")] : [];
        IReadOnlyList<string?> binaries = Environment.GetEnvironmentVariable("SIDECARS") is { Length: > 0 } named ? [.. named.Split(',')] : [NativeBinary()];
        foreach (var binary in binaries)
        {
            var sidecar = Running(await SidecarProcess.StartAsync(cluster.Seeds, config, binary, cancel));
            Sidecars++;
            _targets.Add(Target(binaries.Count == 1 ? "sidecar" : $"sidecar {Sidecars}", sidecar));
            Progress.Say($"{_targets[^1].Name}: {sidecar.Program}");
            Program ??= sidecar.Program;
        }

        Seeds = cluster.Seeds;
        // Seven ids a tablet: 100,000 keys are all over the cluster.
        KeyRange = Target("KeyRange", Running(await SidecarProcess.StartAsync(cluster.Seeds, [.. config, "keyPatterns: [\"key:{id}\"]", "idsPerTablet: 7"], binaries[0], cancel)));
    }

    private static LoadTarget Target(string name, SidecarProcess sidecar) => new(name, sidecar.Port, sidecar.Process.Pid, sidecar.Program.EndsWith(".dll", StringComparison.Ordinal));

    /// <summary>What make sidecar built, unless REDIS_TOPOLOGY_SIDECAR names another; null: neither is there, and the portable build is measured.</summary>
    private static string? NativeBinary()
    {
        var built = Path.Combine(Repository.Root, "artifacts", "sidecar", RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64", "redis-topology-sidecar");
        return Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_SIDECAR") is not { Length: > 0 } && File.Exists(built) ? built : null;
    }

    private async Task StartNutcrackerAsync(CancellationToken cancel)
    {
        if (Executables.TryFind("nutcracker") is not { } program)
        {
            Progress.Say($"skipped: nutcracker is not installed (tests/scripts/install-test-deps.sh)");
            return;
        }

        List<string> servers = [];
        for (var i = 0; i < 3; i++)
        {
            var server = Running(await RedisProcess.StartAsync(ct: cancel));
            _servers.Add(server.Pid);
            servers.Add($"    - {server.Endpoint}:1");
        }

        var (port, stats, directory) = (Held(PortLease.Take()), Held(PortLease.Take()), Held(TestDirectory.Create("nutcracker")));
        await File.WriteAllLinesAsync(
            directory["conf.yml"],
            ["peer:", $"  listen: 127.0.0.1:{Text(port.Port)}", "  redis: true", "  hash: fnv1a_64", "  distribution: ketama", "  preconnect: true", "  servers:", .. servers],
            cancel);
        var process = Running(ManagedProcess.Start(
            program, ["-c", directory["conf.yml"], "-o", directory["out"], "-p", directory["pid"], "-a", "127.0.0.1", "-s", Text(stats.Port)], directory["log"]));
        await AnswersAsync("nutcracker", process, port.Port, cancel);
    }

    private async Task StartPredixyAsync(LocalCluster cluster, SidecarBenchOptions options, CancellationToken cancel)
    {
        if (Environment.GetEnvironmentVariable("PREDIXY") is not { Length: > 0 } program)
        {
            Progress.Say($"skipped: predixy, whose binary PREDIXY does not name");
            return;
        }

        var (port, directory) = (Held(PortLease.Take()), Held(TestDirectory.Create("predixy")));
        await File.WriteAllTextAsync(
            directory["conf"],
            $$"""
            Name peer
            Bind 127.0.0.1:{{Text(port.Port)}}
            WorkerThreads {{Text(Math.Max(1, options.Threads))}}
            Log {{directory["log"]}}
            LogInfoSample 0
            Authority {
                Auth {
                    Mode write
                }
            }
            ClusterServerPool {
                MasterReadPriority {{(options.Replicas > 0 ? "0" : "60")}}
                DynamicSlaveReadPriority 60
                RefreshInterval 1
                ServerTimeout 1
                ServerFailureLimit 10
                ServerRetryTimeout 1
                Servers {
                    + {{cluster.Masters[0].Endpoint}}
                    + {{cluster.Masters[1].Endpoint}}
                    + {{cluster.Masters[2].Endpoint}}
                }
            }

            """,
            cancel);
        var process = Running(ManagedProcess.Start(program, [directory["conf"]], directory["out"]));
        await AnswersAsync("predixy", process, port.Port, cancel);
    }

    private async Task AnswersAsync(string name, ManagedProcess process, int port, CancellationToken cancel)
    {
        await Eventually.TrueAsync(
            () =>
            {
                if (process.HasExited)
                    return Task.FromResult(true);
                using var socket = RespSocket.Connect(port, TimeSpan.FromSeconds(5));
                return Task.FromResult(socket.Call("SET", "is-it-there", "yes") == "+OK\r\n");
            },
            TimeSpan.FromSeconds(30),
            ct: cancel);
        if (process.HasExited)
            throw new InvalidOperationException($"{name} ended with {process.ExitCode}:\n{process.LogTail()}");
        _targets.Add(new LoadTarget(name, port, process.Pid));
    }

    private T Running<T>(T one)
        where T : IAsyncDisposable
    {
        _running.Add(one);
        return one;
    }

    private T Held<T>(T one)
        where T : IDisposable
    {
        _held.Add(one);
        return one;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
