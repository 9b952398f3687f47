using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Bench.Population;

/// <summary>
/// The origin of all contenders: a number per key that a POST raises. A GET looks the number up and answers after a while, as a database across a network does: what was true when it looked may
/// no longer be when the answer arrives.
/// </summary>
internal sealed class OriginServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, long> _versions = new();
    private readonly WebApplication _app;
    private long _reads;

    private OriginServer(WebApplication app) => _app = app;

    /// <summary>How long a GET takes between looking and answering.</summary>
    public Func<TimeSpan> Delay { get; set; } = () => TimeSpan.Zero;

    public string Url => _app.Urls.First();

    public long Reads => Interlocked.Read(ref _reads);

    public static async Task<OriginServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var origin = new OriginServer(builder.Build());
        origin._app.MapGet("/{key}", (RequestDelegate)origin.ReadAsync);
        origin._app.MapPost("/{key}", (RequestDelegate)origin.WriteAsync);
        await origin._app.StartAsync();
        return origin;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReadAsync(HttpContext context)
    {
        Interlocked.Increment(ref _reads);
        var version = _versions.GetValueOrDefault((string)context.Request.RouteValues["key"]!);
        await Task.Delay(Delay(), TimeProvider.System);
        await context.Response.WriteAsync(version.ToString(CultureInfo.InvariantCulture));
    }

    private async Task WriteAsync(HttpContext context) =>
        await context.Response.WriteAsync(_versions.AddOrUpdate((string)context.Request.RouteValues["key"]!, 1, (_, version) => version + 1).ToString(CultureInfo.InvariantCulture));
}
