using RedisTopology.Testing;

namespace RedisTopology.Charts.Tests;

/// <summary>The charts of the repository.</summary>
internal static class ChartFolder
{
    public static string Operator { get; } = Path.Combine(Repository.Root, "charts", "redis-topology-operator");

    public static string Cluster { get; } = Path.Combine(Repository.Root, "charts", "cache-cluster");

    /// <summary>A copy of the app chart of Fixtures/ with its dependency in place, as <c>helm dependency build</c> would leave it.</summary>
    /// <param name="directory">Where the copy goes.</param>
    /// <returns>Its folder.</returns>
    public static string Shop(TestDirectory directory)
    {
        var shop = directory["shop"];
        Copy(Path.Combine(Repository.Root, "tests", "RedisTopology.Charts.Tests", "Fixtures", "shop"), shop);
        Copy(Cluster, Path.Combine(shop, "charts", "cache-cluster"));
        return shop;
    }

    /// <summary>Copies a folder.</summary>
    /// <param name="from">The folder.</param>
    /// <param name="to">The copy; may not exist yet.</param>
    public static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }
}
