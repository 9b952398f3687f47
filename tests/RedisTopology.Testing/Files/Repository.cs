using System.Runtime.CompilerServices;

namespace RedisTopology.Testing;

/// <summary>The working copy the tests were built from.</summary>
public static class Repository
{
    /// <summary>Its folder.</summary>
    public static string Root { get; } = Find();

    /// <summary>A file of config/.</summary>
    /// <param name="path">Its path within.</param>
    /// <returns>The full path.</returns>
    public static string Config(string path) => Path.Combine(Root, "config", path);

    /// <summary>A file of docs/.</summary>
    /// <param name="path">Its path within.</param>
    /// <returns>The full path.</returns>
    public static string Docs(string path) => Path.Combine(Root, "docs", path);

    private static string Find([CallerFilePath] string here = "")
    {
        for (var folder = Path.GetDirectoryName(here); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "RedisTopologyOperator.sln")))
                return folder;
        }

        throw new DirectoryNotFoundException($"No RedisTopologyOperator.sln above {here}.");
    }
}
