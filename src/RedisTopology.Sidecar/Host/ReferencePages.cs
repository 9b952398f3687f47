using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Metrics;

namespace RedisTopology.Sidecar.Host;

/// <summary>The pages of docs/reference that are made from tables of this program.</summary>
internal static class ReferencePages
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<(string Path, Func<string> Render)> All { get; } =
    [
        ("reference/sidecar-commands.md", CommandsPage.Render),
        ("reference/sidecar-configuration.md", ConfigurationPage.Render),
        ("reference/sidecar-metrics.md", MetricsPage.Render),
    ];

    /// <summary>Writes them.</summary>
    /// <param name="folder">The documentation's folder.</param>
    public static void Write(string folder)
    {
        foreach (var (path, render) in All)
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, render());
        }
    }
}
