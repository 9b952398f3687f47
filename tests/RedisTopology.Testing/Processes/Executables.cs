namespace RedisTopology.Testing;

/// <summary>Finds programs the tests need.</summary>
public static class Executables
{
    /// <summary>The first of the named program on PATH, in the given directories or the system's; null when there is none.</summary>
    public static string? TryFind(string name, params string[] directories)
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return directories
            .Concat(path.Split(':', StringSplitOptions.RemoveEmptyEntries))
            // Services and cron jobs often lack these.
            .Concat(["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"])
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>As <see cref="TryFind"/>, but a missing program is an error that says how to get it.</summary>
    /// <exception cref="MissingPrerequisiteException">It is nowhere.</exception>
    public static string Find(string name, string remedy, params string[] directories) =>
        TryFind(name, directories) ?? throw new MissingPrerequisiteException(name, remedy);
}
