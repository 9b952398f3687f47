using k8s;
using RedisTopology.Core.Planning;
using RedisTopology.Kubernetes;
using RedisTopology.Operator.Steps;

namespace RedisTopology.Integration.Tests.Harness;

/// <summary>A test with a namespace, a cluster and usually an operator of its own.</summary>
public abstract class IntegrationTest(IntegrationFixture fixture) : IAsyncLifetime
{
    private OperatorInstance? _operator;

    protected IntegrationFixture Fixture => fixture;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected TestCluster Cluster { get; private set; } = null!;

    protected OperatorInstance Operator => _operator!;

    public virtual async ValueTask InitializeAsync()
    {
        var prefix = string.Concat(GetType().Name.Where(char.IsAsciiLetter)).ToLowerInvariant();
        Cluster = new TestCluster(fixture, await fixture.CreateNamespaceAsync(prefix.Replace("tests", "", StringComparison.Ordinal)));
    }

    /// <summary>Stops the operator and takes the namespace's pods away, so that the next test has the machine for itself.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        await StopOperatorAsync();
        if (Cluster is not null)
            await fixture.DeleteNamespaceAsync(Cluster.Namespace);
        GC.SuppressFinalize(this);
    }

    private protected async Task<OperatorInstance> StartOperatorAsync(IStepGate? gate = null, KubernetesClientConfiguration? config = null, Action<OperatorSettings>? configure = null) =>
        _operator = await OperatorInstance.StartAsync(config ?? fixture.Plane.ClientConfiguration, Cluster.Namespace, gate, configure, cancellationToken: Cancel);

    /// <summary>Makes an operator that was started otherwise the test's own.</summary>
    protected void Adopt(OperatorInstance instance) => _operator = instance;

    /// <summary>Runs an operator until it dies at a step of this kind, and lets another one finish.</summary>
    private protected async Task CrashAsync(string step, bool after, Func<Task> change)
    {
        var gate = new CrashGate(s => s.GetType().Name == step, after);
        await StartOperatorAsync(gate, configure: s => s.DrainTimeout = TimeSpan.Zero);
        await change();
        PlanStep reached;
        try
        {
            reached = await gate.Crashed.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, Cancel);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"The operator never came to a step {step}. Its log:\n{TestLog.Tail(Cluster.Namespace)}", e);
        }

        Assert.Equal(step, reached.GetType().Name);
        await StopOperatorAsync();
        await StartOperatorAsync();
        await Cluster.UntilReadyAsync(90);
    }

    /// <summary>Runs operators that each live for one step, until there is nothing left to do. Returns how many died.</summary>
    private protected async Task<int> DieAfterEveryStepAsync(double seconds = 120)
    {
        for (var lives = 0; ; lives++)
        {
            var gate = new CrashGate(_ => true, after: true);
            await StartOperatorAsync(gate, configure: s => s.DrainTimeout = TimeSpan.Zero);
            var quiet = Cluster.UntilReadyAsync(seconds);
            if (await Task.WhenAny(gate.Crashed, quiet) == quiet)
            {
                await quiet;
                return lives;
            }

            _ = quiet.ContinueWith(t => t.Exception, TaskScheduler.Default);
            await StopOperatorAsync();
        }
    }

    protected async Task StopOperatorAsync()
    {
        if (_operator is not null)
            await _operator.DisposeAsync();
        _operator = null;
    }
}
