using System.Diagnostics;
using RedisTopology.K3s.Tests.Clusters;
using RedisTopology.Testing;

[assembly: AssemblyFixture(typeof(RedisTopology.K3s.Tests.K3sFixture))]

namespace RedisTopology.K3s.Tests;

/// <summary>One cluster for all tests of this assembly, with helm and kubectl for it.</summary>
public sealed class K3sFixture : IAsyncLifetime
{
    private readonly TestDirectory _directory = TestDirectory.Create("k3s");
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private IKubernetesCluster? _cluster;
    private Tool? _helm;
    private Tool? _kubectl;
    private readonly CancellationTokenSource _limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private string _missing = "";

    /// <summary>Ends everything when the run is cancelled, or has taken longer than it possibly should.</summary>
    internal CancellationToken Cancel => _limit.Token;

    internal IKubernetesCluster Cluster => _cluster!;

    /// <summary>kubectl-cache, as built here.</summary>
    internal Tool Cache => new(Path.Combine(AppContext.BaseDirectory, "kubectl-cache"), new Dictionary<string, string> { ["KUBECONFIG"] = Cluster.Kubeconfig });

    internal Tool Helm => _helm!;

    internal Tool Kubectl => _kubectl!;

    /// <summary>Skips the running test where there is no cluster, or fails it where one is required.</summary>
    public void Require()
    {
        Assert.False(_cluster is null && K3sSettings.Required, _missing);
        Prerequisites.Require(_cluster is not null, _missing);
    }

    public async ValueTask InitializeAsync()
    {
        _limit.CancelAfter(TimeSpan.FromMinutes(30));
        if (K3sSettings.Kubeconfig is { } kubeconfig)
        {
            _cluster = new ExistingCluster(kubeconfig);
        }
        else
        {
            (var images, _missing) = await Images.FindAsync(Cancel);
            if (images is null)
                return;
            _cluster = await K3sCluster.StartAsync(images, _directory, Say, Cancel);
        }

        try
        {
            _helm = await HelmTools.HelmAsync(_directory.FullPath, _cluster.Kubeconfig);
            _kubectl = await HelmTools.KubectlAsync(_directory.FullPath, _cluster.Kubeconfig);
        }
        catch (PrerequisiteNotMetException e)
        {
            _missing = e.Message[(e.Message.LastIndexOf('$') + 1)..];
            await _cluster.DisposeAsync();
            _cluster = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        _limit.Dispose();
        _directory.Dispose();
    }

    /// <summary>A folder of the test run.</summary>
    internal TestDirectory Scratch => _directory;

    /// <summary>Tells, with the time since the start; a run of minutes wants a sign of life.</summary>
    internal void Say(string what)
    {
        var line = $"{_clock.Elapsed.TotalSeconds,6:0.0} s  {what}";
        TestContext.Current.SendDiagnosticMessage(line);
        Console.Error.WriteLine(line);
    }
}
