namespace RedisTopology.Operator.Tests.Commands;

public sealed class ManifestsCommandTests
{
    public static TheoryData<string> Files => [.. ManifestsCommand.Generate().Select(f => f.Path)];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_checked_in_files_are_up_to_date(string path)
    {
        var generated = ManifestsCommand.Generate().Single(f => f.Path == path).Text;
        Assert.True(
            generated == File.ReadAllText(Repository.Config(path)),
            $"config/{path} is not what the types say. Run: redis-topology-operator manifests --output config");
    }

    [Fact]
    public void The_pages_of_the_documentation_are_up_to_date() => Assert.All(ManifestsCommand.GenerateDocs(), page => Assert.True(
        page.Text == File.ReadAllText(Path.Combine(Repository.Root, "docs", page.Path)), $"docs/{page.Path} is not what the types say. Run: make manifests"));

    [Fact]
    public async Task The_command_writes_them_where_it_is_told()
    {
        using var directory = TestDirectory.Create("manifests");
        var exitCode = await ManifestsCommand.Create().Parse(["--output", directory["new/folder"], "--docs", directory["docs"]]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(0, exitCode);
        Assert.Equal(["crd/cacheclusters.yaml", "rbac/role.yaml"], ManifestsCommand.Generate().Select(f => f.Path));
        foreach (var (path, text) in ManifestsCommand.Generate())
            Assert.Equal(text, await File.ReadAllTextAsync(Path.Combine(directory["new/folder"], path), TestContext.Current.CancellationToken));
        Assert.True(File.Exists(Path.Combine(directory["docs"], "reference/config-keys.md")));
    }

    [Fact]
    public void The_definition_stays_well_below_the_limit_of_an_annotation() =>
        Assert.InRange(ManifestsCommand.Generate().First().Text.Length, 1000, 262_144 / 4);
}
