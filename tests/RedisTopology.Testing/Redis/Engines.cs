namespace RedisTopology.Testing;

/// <summary>The newer engines that tests/scripts/engines.sh brings into the per-user cache; each is null when it is not there.</summary>
public static class Engines
{
    private static readonly string Cache = Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "redis-topology",
        "engines");

    /// <summary>Path of a valkey-server 9, which knows <c>CLUSTER MIGRATESLOTS</c>.</summary>
    public static string? Valkey9 => Program("valkey-9", "valkey-server");

    /// <summary>Path of a redis-server 8.4 or newer, which knows <c>CLUSTER MIGRATION</c>.</summary>
    public static string? Redis8 => Program("redis-8", "redis-server");

    /// <summary>The root file system of Valkey 9, for a container.</summary>
    public static string? Valkey9Root => Root("valkey-9");

    /// <summary>The root file system of Redis 8, for a container.</summary>
    public static string? Redis8Root => Root("redis-8");

    private static string? Program(string engine, string name) => Path.Combine(Cache, engine, name) is var path && File.Exists(path) ? path : null;

    private static string? Root(string engine) => Path.Combine(Cache, engine, "root") is var path && Directory.Exists(path) ? path : null;
}
