using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace RedisTopology.Core.Tests.Architecture;

/// <summary>Which project may know which: the arrows of the solution, read from the project files.</summary>
public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["RedisTopology.Core"] = [],
        ["RedisTopology.Kubernetes"] = [],
        ["RedisTopology.Operator"] = ["RedisTopology.Core", "RedisTopology.Kubernetes"],
        ["RedisTopology.Population"] = ["RedisTopology.Core"],
        ["RedisTopology.Sidecar"] = ["RedisTopology.Core", "RedisTopology.Population"],
        ["RedisTopology.Client"] = ["RedisTopology.Core", "RedisTopology.Population"],
        ["RedisTopology.Cli"] = ["RedisTopology.Core"],
    };

    public static TheoryData<string> Projects() => [.. ProjectFiles().Select(f => Path.GetFileNameWithoutExtension(f)).Where(Allowed.ContainsKey)];

    [Fact]
    public void The_projects_are_found() => Assert.Contains("RedisTopology.Core", ProjectFiles().Select(f => Path.GetFileNameWithoutExtension(f)));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_its_layer_may(string project) =>
        Assert.Empty(References(project, "ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Replace('\\', '/'))).Except(Allowed[project]));

    [Fact]
    public void Nothing_references_the_operator() => Assert.DoesNotContain(
        ProjectFiles().SelectMany(f => Includes(f, "ProjectReference")),
        r => r.Contains("RedisTopology.Operator", StringComparison.Ordinal));

    [Fact]
    public void Core_has_no_packages_and_no_frameworks()
    {
        Assert.Empty(References("RedisTopology.Core", "PackageReference"));
        Assert.Empty(References("RedisTopology.Core", "FrameworkReference"));
    }

    [Fact]
    public void Core_is_compiled_against_the_base_library_alone() => Assert.All(
        typeof(RedisTopology.Core.Hashing.HashSlot).Assembly.GetReferencedAssemblies(),
        a => Assert.StartsWith("System.", a.Name, StringComparison.Ordinal));

    private static IEnumerable<string> References(string project, string kind) =>
        ProjectFiles().Where(f => Path.GetFileNameWithoutExtension(f) == project).SelectMany(f => Includes(f, kind));

    private static IEnumerable<string> Includes(string file, string kind) =>
        XDocument.Load(file).Descendants(kind).Select(e => e.Attribute("Include")?.Value).OfType<string>();

    private static string[] ProjectFiles() => Directory.GetFiles(Path.Combine(Root(), "src"), "*.csproj", SearchOption.AllDirectories);

    private static string Root([CallerFilePath] string here = "")
    {
        for (var directory = Path.GetDirectoryName(here); directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (Directory.Exists(Path.Combine(directory, "src")))
                return directory;
        }

        throw new DirectoryNotFoundException($"no src folder above {here}");
    }
}
