namespace RedisTopology.Demo;

/// <summary>The files of the working copy that a person would apply.</summary>
internal static class RepositoryFiles
{
    private static readonly string Root = Find();

    public static Task<string> CrdAsync(CancellationToken cancel) => File.ReadAllTextAsync(Path.Combine(Root, "config/crd/cacheclusters.yaml"), cancel);

    public static Task<string> SampleAsync(CancellationToken cancel) => File.ReadAllTextAsync(Path.Combine(Root, "config/samples/minimal.yaml"), cancel);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RedisTopologyOperator.sln")))
                return folder.FullName;
        }

        throw new DemoException("the demo belongs into a working copy of the repository: run it by make demo");
    }
}
