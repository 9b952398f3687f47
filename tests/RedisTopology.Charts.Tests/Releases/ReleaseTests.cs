using System.Text.Json.Nodes;
using RedisTopology.Testing;

namespace RedisTopology.Charts.Tests.Releases;

/// <summary>The life of a release on a real API server: what is sent is accepted, and what is to stay stays. No pod runs here.</summary>
public sealed class ReleaseTests : IAsyncLifetime
{
    private const string Space = "redis-topology-system";
    private readonly TestDirectory _directory = TestDirectory.Create("release");
    private ControlPlane? _plane;
    private Tool? _helm;
    private Tool? _kubectl;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _ = await HelmTools.HelmAsync(_directory.FullPath);
        _plane = await ControlPlane.StartAsync(ct: Cancel);
        Prerequisites.OwnedControlPlane(_plane);
        _helm = await HelmTools.HelmAsync(_directory.FullPath, _plane.KubeconfigPath);
        _kubectl = await HelmTools.KubectlAsync(_directory.FullPath, _plane.KubeconfigPath);
    }

    public async ValueTask DisposeAsync()
    {
        if (_plane is not null)
            await _plane.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Install_upgrade_roll_back_uninstall()
    {
        var installed = await InstallAsync("op");
        Assert.Contains("CacheClusters, their pods and their data stay", installed, StringComparison.Ordinal);
        await HelmAsync("install", "blog", ChartFolder.Cluster, "--set", "shards=3");
        Assert.Equal("3", await FieldAsync("cc/blog-cache", "{.spec.sharding.count}"));

        // What somebody scaled is not taken back by an upgrade that does not name it.
        await KubectlAsync("scale", "cc/blog-cache", "--replicas=3");
        await HelmAsync("upgrade", "blog", ChartFolder.Cluster, "--set", "shards=4");
        Assert.Equal("3 4", await FieldAsync("cc/blog-cache", "{.spec.replicas} {.spec.sharding.count}"));
        await HelmAsync("rollback", "blog", "1");
        Assert.Equal("3 3", await FieldAsync("cc/blog-cache", "{.spec.replicas} {.spec.sharding.count}"));

        await HelmAsync("upgrade", "op", ChartFolder.Operator, "--namespace", Space, "--set", "image.tag=9.9.9");
        Assert.Equal("redis-topology-operator:9.9.9", await ImageAsync());
        await HelmAsync("rollback", "op", "1", "--namespace", Space);
        Assert.NotEqual("redis-topology-operator:9.9.9", await ImageAsync());

        var uninstalled = await HelmAsync("uninstall", "op", "--namespace", Space);
        Assert.Contains("cacheclusters.cache.redistopology.io", uninstalled, StringComparison.Ordinal);
        Assert.Equal("3", await FieldAsync("cc/blog-cache", "{.spec.sharding.count}"));

        // The same release takes up what it left; one of another name is told whose it is.
        var other = await _helm!.TryAsync(["install", "other", ChartFolder.Operator, "--namespace", "other", "--create-namespace"], ct: Cancel);
        Assert.Contains("exists and cannot be imported", other.Error, StringComparison.Ordinal);
        await InstallAsync("op");
        Assert.Equal("3", await FieldAsync("cc/blog-cache", "{.spec.sharding.count}"));
    }

    [Fact]
    public async Task An_upgrade_brings_the_new_definition()
    {
        var old = _directory["old"];
        ChartFolder.Copy(ChartFolder.Operator, old);
        var file = Path.Combine(old, "files", "crd-cacheclusters.yaml");
        var text = await File.ReadAllTextAsync(file, Cancel);
        var before = text.Replace("Number of shards.", "A definition of an earlier version.", StringComparison.Ordinal);
        Assert.NotEqual(text, before);
        await File.WriteAllTextAsync(file, before, Cancel);
        await HelmAsync("install", "op", old, "--namespace", Space, "--create-namespace");
        Assert.Contains("A definition of an earlier version.", await DefinitionAsync(), StringComparison.Ordinal);
        await HelmAsync("upgrade", "op", ChartFolder.Operator, "--namespace", Space);
        Assert.DoesNotContain("A definition of an earlier version.", await DefinitionAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_release_uninstalls_what_it_brought_and_nothing_else()
    {
        await KubectlAsync("create", "namespace", "blog");
        await InstallAsync("op", "--set", "watchNamespaces={blog},networkPolicy.enabled=true,dashboards.enabled=true");
        Assert.Contains("op-redis-topology-operator", await KubectlAsync("get", "roles,rolebindings", "-n", "blog", "-o", "name"), StringComparison.Ordinal);
        await HelmAsync("uninstall", "op", "--namespace", Space);
        var left = await KubectlAsync(
            "get", "deployments,services,configmaps,serviceaccounts,roles,rolebindings,networkpolicies,poddisruptionbudgets,clusterroles,clusterrolebindings,crds", "--all-namespaces",
            "-l", "app.kubernetes.io/instance=op", "-o", "name");
        Assert.Equal("customresourcedefinition.apiextensions.k8s.io/cacheclusters.cache.redistopology.io", left.Trim());
    }

    [Fact]
    public async Task The_kustomize_tree_is_accepted()
    {
        if (_plane!.ServerVersion >= new Version(1, 30))
        {
            using var shell = await GuideShell.CreateAsync(_plane, "default", "");
            foreach (var (block, output) in GuidePages.Marked("run kustomize"))
                await shell.RunAsync(block, output, Cancel);
        }
        else
        {
            // As the guide says, an old server refuses rules in a definition; the harness leaves out what it does not know.
            var documents = new Manifests(await KubectlAsync("kustomize", Repository.Config("default"))).All;
            await _plane.ApplyCrdAsync(documents.Single(d => (string?)d["kind"] == "CustomResourceDefinition").ToJsonString(), Cancel);
            foreach (var document in documents.Where(d => (string?)d["kind"] != "CustomResourceDefinition").OrderBy(d => (string?)d["kind"] == "Namespace" ? 0 : 1))
                await _plane.ApplyAsync(document.ToJsonString(), ct: Cancel);
        }

        Assert.Equal("2", await FieldAsync("deployment/redis-topology-operator", "{.spec.replicas}", Space));
    }

    private Task<string> InstallAsync(string release, params string[] arguments) =>
        HelmAsync(["install", release, ChartFolder.Operator, "--namespace", Space, "--create-namespace", .. arguments]);

    private Task<string> HelmAsync(params string[] arguments) => _helm!.RunAsync(arguments, ct: Cancel);

    private Task<string> KubectlAsync(params string[] arguments) => _kubectl!.RunAsync(arguments, ct: Cancel);

    private Task<string> FieldAsync(string what, string path, string space = "default") => KubectlAsync("get", what, "--namespace", space, "-o", $"jsonpath={path}");

    private Task<string> ImageAsync() => FieldAsync("deployment/op-redis-topology-operator", "{.spec.template.spec.containers[0].image}", Space);

    private async Task<string> DefinitionAsync() =>
        JsonNode.Parse(await KubectlAsync("get", "crd/cacheclusters.cache.redistopology.io", "-o", "json"))!["spec"]!["versions"]!.ToJsonString();
}
