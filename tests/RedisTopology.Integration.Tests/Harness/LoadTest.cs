using System.Globalization;
using RedisTopology.Testing;
using RedisTopology.Testing.Load;

namespace RedisTopology.Integration.Tests.Harness;

/// <summary>A test that does something to a cluster while clients write and read, and prints what they saw.</summary>
public abstract class LoadTest(IntegrationFixture fixture) : IntegrationTest(fixture)
{
    /// <summary>
    /// How long two servers may hold the same slot to be theirs. In a hand-over the old owner learns of the new one by the next message of the bus; it acknowledges
    /// nothing meanwhile, which the load's checkers show. This only finds two that stay.
    /// </summary>
    private static readonly TimeSpan DoubleOwners = TimeSpan.FromSeconds(2);

    private ClusterLoad? _load;

    /// <summary>What clients open connections with from now on; that of the generated Secret unless a test says otherwise.</summary>
    protected string? ClientPassword { get; set; }

    /// <summary>How clients verify servers that speak TLS; null for those that do not.</summary>
    protected ClientTls? ClientTls { get; set; }

    public override async ValueTask DisposeAsync()
    {
        if (_load is not null)
            await _load.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected async Task FormAsync(string spec)
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync(spec);
        await Cluster.UntilReadyAsync(90);
    }

    /// <summary>Carries out a planned operation under load: nothing acknowledged is lost, no read is wrong, and no slot has two owners for long.</summary>
    protected async Task<LoadReport> LosesNothingAsync(string what, Func<Task> operation, ClusterLoadOptions? options = null, TimeSpan? doubleOwners = null)
    {
        var report = await UnderLoadAsync(what, operation, options, doubleOwners);
        Assert.True(report.IsClean, $"{what}: {report}\n\nThe operator's log:\n{TestLog.Tail(Cluster.Namespace)}");
        return report;
    }

    /// <summary>Carries out anything under load and prints what it cost.</summary>
    /// <param name="what">The operation, for messages.</param>
    /// <param name="operation">What is done.</param>
    /// <param name="options">The load; null for the usual one.</param>
    /// <param name="doubleOwners">How long two servers may claim the same slot, where that is more than in a hand-over.</param>
    protected async Task<LoadReport> UnderLoadAsync(string what, Func<Task> operation, ClusterLoadOptions? options = null, TimeSpan? doubleOwners = null)
    {
        ClientPassword ??= await Cluster.PasswordAsync();
        await using var owners = OwnershipWatch.Start(() => Cluster.Endpoints, () => ClientPassword, ClientTls);
        _load = await ClusterLoad.StartAsync(() => Cluster.Endpoints, () => ClientPassword, (options ?? new ClusterLoadOptions()) with { Tls = ClientTls });
        await operation();

        // What an operation breaks may show a moment after it.
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Cancel);
        var report = await _load.StopAsync();
        Say(string.Create(CultureInfo.InvariantCulture, $"{what}: {report}; two owners for at most {owners.LongestDouble.TotalMilliseconds:0} ms, none for {owners.LongestUnowned.TotalMilliseconds:0} ms"));
        Assert.True(report.Written > 100, $"{what}: the load wrote {report.Written} times only");
        Assert.True(owners.LongestDouble < (doubleOwners ?? DoubleOwners), $"{what}: a slot had two owners for {owners.LongestDouble}");
        return report;
    }

    /// <summary>Waits until every server knows exactly this many nodes: whoever left is forgotten everywhere.</summary>
    protected async Task NobodyRemembersAsync(int nodes)
    {
        foreach (var pod in await Cluster.PodsAsync())
        {
            await Eventually.ThatAsync(
                () => Cluster.RedisAsync($"{Cluster.Namespace}/{pod.Metadata.Name}", "cluster", "nodes"), table => table.Split('\n').Length == nodes, TimeSpan.FromSeconds(10), expectation: $"{pod.Metadata.Name} knows {nodes} nodes");
        }
    }

    /// <summary>Prints a measurement, into the test's result and for whoever watches.</summary>
    protected static void Say(string text)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        Console.Error.WriteLine($"  {TestContext.Current.TestMethod?.MethodName}: {text}");
    }
}
