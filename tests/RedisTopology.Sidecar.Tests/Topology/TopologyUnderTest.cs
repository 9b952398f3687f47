using System.Net;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Topology;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Topology;

/// <summary>A control side against real servers.</summary>
internal sealed class TopologyUnderTest : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private TopologyUnderTest(SidecarOptions options, Func<string, Task<IPAddress[]>>? lookUp)
    {
        Options = new(options);
        Topology = new(Options, TimeProvider.System, Log, lookUp);
    }

    public OptionsSource Options { get; }

    public ClusterTopology Topology { get; }

    public LogLines Log { get; } = new();

    public ClusterMap Map => Topology.Current;

    /// <summary>Starts, and waits for the first map when the seeds can be expected to give one.</summary>
    public static async Task<TopologyUnderTest> StartAsync(SidecarOptions options, bool known = true, Func<string, Task<IPAddress[]>>? lookUp = null)
    {
        var topology = new TopologyUnderTest(options, lookUp);
        topology.Topology.Start();
        if (known)
            await topology.Topology.Known.WaitAsync(Limit, TestContext.Current.CancellationToken);
        return topology;
    }

    public static SidecarOptions Seeded(params IEnumerable<RedisProcess> seeds) => new() { Seeds = [.. seeds.Select(s => s.Endpoint)] };

    public Task<ClusterMap> MapAsync(Func<ClusterMap, bool> condition, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(condition))] string expectation = "") => Eventually.ThatAsync(
        () => Task.FromResult(Map),
        condition,
        Limit,
        TimeSpan.FromMilliseconds(10),
        _ => System.Text.Json.JsonSerializer.Serialize(Topology.Report(), TopologyReportContext.Default.TopologyReport) + "\n" + Log,
        ct: TestContext.Current.CancellationToken,
        expectation: expectation);

    public Task SeesAsync(Func<bool> condition, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(condition))] string expectation = "") =>
        MapAsync(_ => condition(), expectation);

    public ValueTask DisposeAsync() => Topology.DisposeAsync();
}
