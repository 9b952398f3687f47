using System.Globalization;
using RedisTopology.Testing;

namespace RedisTopology.Samples.Tests;

/// <summary>The sample as <c>make sample</c> runs it: a cluster, a sidecar before it with the sample's rules of population, the application behind that.</summary>
public class SampleFixture : IAsyncLifetime
{
    private readonly PortLease _port = PortLease.Take();
    private readonly TestDirectory _directory = TestDirectory.Create("sample");
    private LocalCluster? _cluster;
    private ManagedProcess? _app;

    public SidecarProcess Sidecar { get; private set; } = null!;

    public HttpClient Http { get; } = new();

    public Uri Url => new($"http://127.0.0.1:{_port.Port}/");

    /// <summary>The connection string of its database; null when there is none to be had here.</summary>
    protected virtual Task<string?> StartDatabaseAsync() => Task.FromResult<string?>($"Data Source={_directory["sample.db"]}");

    protected virtual ValueTask StopDatabaseAsync() => ValueTask.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        if (await StartDatabaseAsync() is not { } database)
            return;
        _cluster = await LocalCluster.StartAsync(3, 1);
        var rules = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "src/samples/BlogCricketTweets/population.yaml"));
        Sidecar = await SidecarProcess.StartAsync(_cluster.Seeds, [rules.Replace("http://127.0.0.1:5080/", Url.ToString(), StringComparison.Ordinal)]);
        Http.BaseAddress = Url;
        _app = ManagedProcess.Start(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "BlogCricketTweets.dll"),
                "--contentRoot", Path.Combine(Repository.Root, "src/samples/BlogCricketTweets"),
                "--urls", Url.ToString(),
                "--Cache", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Sidecar.Port}"),
                "--ConnectionStrings:Database", database,
            ],
            _directory["sample.log"]);
        await Eventually.TrueAsync(async () => _app.HasExited ? throw new ProcessStartException(_app.LogTail()) : await AnswersAsync(), TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
        if (Sidecar is not null)
            await Sidecar.DisposeAsync();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        await StopDatabaseAsync();
        GC.SuppressFinalize(this);
        Http.Dispose();
        _port.Dispose();
        _directory.Dispose();
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri("api/stats", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
