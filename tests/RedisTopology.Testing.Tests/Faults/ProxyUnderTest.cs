namespace RedisTopology.Testing.Tests.Faults;

/// <summary>A proxy for one test, and plain HTTP to it: what a client library makes of the bytes is not the question here.</summary>
internal sealed class ProxyUnderTest : IAsyncDisposable
{
    private ProxyUnderTest(FaultProxy proxy)
    {
        Proxy = proxy;
        Http = new HttpClient { BaseAddress = new Uri(proxy.Address) };
    }

    public FaultProxy Proxy { get; }

    public HttpClient Http { get; }

    public static async Task<ProxyUnderTest> StartAsync(ControlPlane plane) =>
        new(await FaultProxy.StartAsync(plane.ClientConfiguration, TestContext.Current.CancellationToken));

    public async Task<StreamReader> WatchAsync(string path)
    {
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        var response = await Http.GetAsync($"{path}{separator}watch=true", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Proxy.DisposeAsync();
    }
}
