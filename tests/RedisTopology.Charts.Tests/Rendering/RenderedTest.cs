using RedisTopology.Testing;

namespace RedisTopology.Charts.Tests.Rendering;

/// <summary>A test that renders charts; no cluster is asked.</summary>
public abstract class RenderedTest : IDisposable
{
    private readonly TestDirectory _directory = TestDirectory.Create("charts");

    private protected TestDirectory Scratch => _directory;

    /// <inheritdoc/>
    public void Dispose()
    {
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected async Task<Tool> HelmAsync() => await HelmTools.HelmAsync(_directory.FullPath);

    /// <summary>What helm would send to a cluster of the version.</summary>
    private protected async Task<string> RenderAsync(string chart, string release, string kubeVersion = "1.33.0", params string[] arguments) =>
        await (await HelmAsync()).RunAsync(["template", release, chart, "--namespace", "cache-system", "--kube-version", kubeVersion, .. arguments], ct: TestContext.Current.CancellationToken);
}
