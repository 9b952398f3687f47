namespace RedisTopology.Testing;

/// <summary>A temporary directory, deleted when disposed; those of test processes that were killed are swept by the next one.</summary>
public sealed class TestDirectory : IDisposable
{
    private const string Prefix = "redis-topology-test-";
    private readonly FileStream _lock;

    private TestDirectory(string path, FileStream held)
    {
        FullPath = path;
        _lock = held;
    }

    /// <summary>Absolute path.</summary>
    public string FullPath { get; }

    /// <summary>Keeps the directory for a look at its logs: it is not deleted on disposal, nor swept while this process lives.</summary>
    public bool Keep { get; set; }

    /// <summary>Creates one under <paramref name="parent"/>, the system's temporary directory when null.</summary>
    public static TestDirectory Create(string purpose, string? parent = null)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("The harness runs Linux processes.");
        parent ??= Path.GetTempPath();
        Sweep(parent);
        var path = Path.Combine(parent, $"{Prefix}{purpose}-{Path.GetRandomFileName().Replace(".", "", StringComparison.Ordinal)}");
        // Keys and passwords are inside.
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new TestDirectory(path, Lock(path));
    }

    /// <summary>A path inside.</summary>
    public string this[string name] => Path.Combine(FullPath, name);

    /// <inheritdoc/>
    public void Dispose()
    {
        _lock.Dispose();
        if (!Keep)
            TryDelete(FullPath);
    }

    private static FileStream Lock(string directory) =>
        new(Path.Combine(directory, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private static void Sweep(string parent)
    {
        // A minute old at least: between mkdir and lock a directory of another process looks abandoned.
        var horizon = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(-1);
        foreach (var directory in Directory.EnumerateDirectories(parent, Prefix + "*"))
        {
            try
            {
                if (Directory.GetLastWriteTimeUtc(directory) > horizon)
                    continue;
                Lock(directory).Dispose();
                TryDelete(directory);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Held by a live test process, or another user's.
            }
        }
    }

    private static void TryDelete(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A process still dying inside it; the next sweep takes it.
        }
    }
}
