using System.Globalization;
using RedisTopology.Testing;

namespace RedisTopology.Samples.Tests;

/// <summary>The sample as <c>make sample</c> runs it: a cluster, a sidecar before it, the application behind that.</summary>
public sealed class SampleFixture : IAsyncLifetime
{
    private readonly PortLease _port = PortLease.Take();
    private readonly TestDirectory _directory = TestDirectory.Create("sample");
    private LocalCluster? _cluster;
    private ManagedProcess? _app;

    public SidecarProcess Sidecar { get; private set; } = null!;

    public HttpClient Http { get; } = new();

    public Uri Url => new($"http://127.0.0.1:{_port.Port}/");

    public async ValueTask InitializeAsync()
    {
        _cluster = await LocalCluster.StartAsync(3, 1);
        Sidecar = await SidecarProcess.StartAsync(_cluster.Seeds);
        Http.BaseAddress = Url;
        _app = ManagedProcess.Start(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "BlogCricketTweets.dll"),
                "--contentRoot", Path.Combine(Repository.Root, "src/samples/BlogCricketTweets"),
                "--urls", Url.ToString(),
                "--Cache", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Sidecar.Port}"),
                "--ConnectionStrings:Database", $"Data Source={_directory["sample.db"]}",
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
