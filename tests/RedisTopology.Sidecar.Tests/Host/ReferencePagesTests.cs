using RedisTopology.Sidecar.Host;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Host;

public sealed class ReferencePagesTests
{
    [Fact]
    public void They_are_up_to_date() => Assert.All(
        ReferencePages.All,
        page => Assert.True(page.Render() == File.ReadAllText(Repository.Docs(page.Path)), $"docs/{page.Path} is not what the tables say. Run: make manifests"));

    [Fact]
    public void No_cell_breaks_its_table() => Assert.All(ReferencePages.All, page => Assert.All(
        page.Render().Split('\n').Where(l => l.StartsWith('|')).GroupBy(l => l.Replace("\\|", "", StringComparison.Ordinal).Count(c => c == '|')),
        columns => Assert.InRange(columns.Key, 3, 8)));
}
