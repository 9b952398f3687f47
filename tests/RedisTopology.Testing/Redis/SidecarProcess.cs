using System.Globalization;
using System.Net.Sockets;

namespace RedisTopology.Testing;

/// <summary>
/// The sidecar as it is deployed: a process of its own. Which: the binary that <c>REDIS_TOPOLOGY_SIDECAR</c> names (e.g. the one of <c>make sidecar</c>), else
/// <c>redis-topology-sidecar.dll</c> beside the tests.
/// </summary>
public sealed class SidecarProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private readonly ManagedProcess _process;
    private readonly PortLease _port;
    private readonly PortLease _admin;
    private readonly TestDirectory _directory;

    private SidecarProcess(string program, ManagedProcess process, PortLease port, PortLease admin, TestDirectory directory) =>
        (Program, _process, _port, _admin, _directory) = (program, process, port, admin, directory);

    /// <summary>Its port for clients, on 127.0.0.1.</summary>
    public int Port => _port.Port;

    /// <summary>Its port of the admin HTTP server, on 127.0.0.1.</summary>
    public int AdminPort => _admin.Port;

    /// <summary>What was started.</summary>
    public string Program { get; }

    /// <summary>The process.</summary>
    public ManagedProcess Process => _process;

    /// <summary>The configuration file; a change of it is met by the sidecar.</summary>
    public string ConfigPath => _directory["sidecar.yaml"];

    /// <summary>Starts it before a cluster and waits until it knows where a key lives, or asks for a password or for TLS.</summary>
    /// <param name="seeds">"host:port" of servers, separated by commas.</param>
    /// <param name="config">Further lines of its YAML configuration, e.g. <c>readFrom: Master</c>.</param>
    /// <param name="binary">Which sidecar, if not the usual one.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ProcessStartException">It did not come up; ends with its log.</exception>
    public static async Task<SidecarProcess> StartAsync(string seeds, string[]? config = null, string? binary = null, CancellationToken ct = default)
    {
        var (port, admin, directory) = (PortLease.Take(), PortLease.Take(), TestDirectory.Create("sidecar"));
        ManagedProcess? process = null;
        try
        {
            IEnumerable<string> lines =
            [
                $"listen: 127.0.0.1:{Text(port.Port)}",
                $"admin: 127.0.0.1:{Text(admin.Port)}",
                "seeds:",
                .. seeds.Split(',').Select(s => $"- {s}"),
                .. config ?? [],
            ];
            await File.WriteAllLinesAsync(directory["sidecar.yaml"], lines, ct);
            var (program, arguments) = Command(binary);
            process = ManagedProcess.Start(program, [.. arguments, "--config", directory["sidecar.yaml"]], directory["sidecar.log"]);
            await Eventually.ThatAsync(() => Task.FromResult(process.HasExited ? "" : Ask(port.Port)), answer => process.HasExited || IsUp(answer), StartTimeout, TimeSpan.FromMilliseconds(20), ct: ct);
            if (process.HasExited)
                throw new ProcessStartException($"The sidecar ended with {process.ExitCode}. Its log ends with:\n{process.LogTail()}");
            return new SidecarProcess(arguments.LastOrDefault() ?? program, process, port, admin, directory);
        }
        catch (Exception e)
        {
            var log = process?.LogTail();
            if (process is not null)
                await process.DisposeAsync();
            port.Dispose();
            admin.Dispose();
            directory.Dispose();
            if (e is EventuallyException)
                throw new ProcessStartException($"{e.Message}\nThe sidecar's log ends with:\n{log}");
            throw;
        }
    }

    /// <summary>A connection of a client.</summary>
    public RespSocket Connect(TimeSpan? timeout = null) => RespSocket.Connect(Port, timeout);

    /// <summary>Its resident memory now, in bytes.</summary>
    public long ResidentBytes()
    {
        var line = File.ReadLines($"/proc/{_process.Pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>SIGKILL, and everything it used is given back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _port.Dispose();
        _admin.Dispose();
        _directory.Dispose();
    }

    private static (string Program, string[] Arguments) Command(string? binary)
    {
        binary ??= Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_SIDECAR") is { Length: > 0 } named ? named : Path.Combine(AppContext.BaseDirectory, "redis-topology-sidecar.dll");
        return binary.EndsWith(".dll", StringComparison.Ordinal) ? ("dotnet", [binary]) : (binary, []);
    }

    /// <summary>The reply to a GET, or what went wrong as an error of the same form.</summary>
    private static string Ask(int port)
    {
        try
        {
            using var socket = RespSocket.Connect(port, TimeSpan.FromSeconds(10));
            return socket.Call("GET", "is-it-there");
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return $"-{e.Message}";
        }
    }

    private static bool IsUp(string answer) =>
        answer is not ['-', ..] || answer.StartsWith("-NOAUTH", StringComparison.Ordinal) || answer.StartsWith("-ERR this port takes TLS alone", StringComparison.Ordinal);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
