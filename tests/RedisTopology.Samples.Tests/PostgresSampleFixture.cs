using System.Globalization;
using RedisTopology.Testing;

namespace RedisTopology.Samples.Tests;

/// <summary>The sample before a PostgreSQL of its own, on loopback.</summary>
public sealed class PostgresSampleFixture : SampleFixture
{
    private readonly PortLease _port = PortLease.Take();
    private readonly TestDirectory _directory = TestDirectory.Create("postgres");
    private ManagedProcess? _server;

    /// <summary>What is not installed here, and the remedy; null: it runs.</summary>
    public string? Missing { get; private set; }

    protected override async Task<string?> StartDatabaseAsync()
    {
        var newest = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderBy(d => d, StringComparer.Ordinal).LastOrDefault() : null;
        string[] folders = newest is null ? [] : [Path.Combine(newest, "bin")];
        var (initdb, postgres) = (Executables.TryFind("initdb", folders), Executables.TryFind("postgres", folders));
        if (initdb is null || postgres is null || (Environment.IsPrivilegedProcess && !File.ReadLines("/etc/passwd").Any(l => l.StartsWith("postgres:", StringComparison.Ordinal))))
        {
            Missing = "needs postgres, initdb and a user of that name. Install the package postgresql, or run tests/scripts/install-test-deps.sh.";
            return null;
        }

        // It refuses to run as root.
        string[] user = [];
        if (Environment.IsPrivilegedProcess)
        {
            user = [Executables.Find("setpriv", "Install util-linux."), "--reuid=postgres", "--regid=postgres", "--clear-groups"];
            await new Tool(Executables.Find("chown", "Install coreutils.")).RunAsync(["postgres", _directory.FullPath]);
        }

        string[] init = [.. user, initdb, "-D", _directory["data"], "-U", "sample", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
        await new Tool(init[0]).RunAsync(init[1..]);
        string[] serve = [.. user, postgres, "-D", _directory["data"], "-h", "127.0.0.1", "-p", _port.Port.ToString(CultureInfo.InvariantCulture), "-k", _directory.FullPath, "-F"];
        _server = ManagedProcess.Start(serve[0], serve[1..], _directory["postgres.log"]);
        await Eventually.TrueAsync(() => Task.FromResult(_server.HasExited ? throw new ProcessStartException(_server.LogTail()) : _server.LogTail().Contains("ready to accept connections", StringComparison.Ordinal)), TimeSpan.FromSeconds(60));
        return string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port.Port};Username=sample;Database=postgres");
    }

    protected override async ValueTask StopDatabaseAsync()
    {
        if (_server is not null)
        {
            // SIGINT ends its connections and itself; killed, it would leave its children.
            _server.Signal(PosixSignalNumber.Interrupt);
            await _server.StopAsync(TimeSpan.FromSeconds(20));
            await _server.DisposeAsync();
        }

        _port.Dispose();
        _directory.Dispose();
    }
}
