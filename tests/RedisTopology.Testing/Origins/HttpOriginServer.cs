using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Testing;

/// <summary>An origin: values by path, and whatever else a test wants of it.</summary>
public sealed class HttpOriginServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _reads, _writes;

    private HttpOriginServer(WebApplication app) => _app = app;

    /// <summary>What it has.</summary>
    public ConcurrentDictionary<string, byte[]> Values { get; } = new();

    /// <summary>The idempotency keys of the writes it was given.</summary>
    public ConcurrentQueue<string> WriteKeys { get; } = new();

    /// <summary>How often it was asked.</summary>
    public int Reads => Volatile.Read(ref _reads);

    /// <summary>How often it was written to.</summary>
    public int Writes => Volatile.Read(ref _writes);

    /// <summary>What it answers in place of its values; 0: them.</summary>
    public int Status { get; set; }

    /// <summary>How long it takes for each answer.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>E.g. http://127.0.0.1:12345.</summary>
    public string Url => _app.Urls.First();

    /// <summary>Starts one.</summary>
    public static async Task<HttpOriginServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var server = new HttpOriginServer(app);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var isRead = HttpMethods.IsGet(context.Request.Method);
        if (isRead)
            Interlocked.Increment(ref _reads);
        else
            Interlocked.Increment(ref _writes);
        byte[]? value = null;
        if (isRead)
        {
            Values.TryGetValue(path, out value);
        }
        else
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            value = body.ToArray();
            WriteKeys.Enqueue(context.Request.Headers["Idempotency-Key"].ToString());
        }

        if (Delay > TimeSpan.Zero)
            await Task.Delay(Delay, TimeProvider.System, CancellationToken.None);
        if (Status != 0)
        {
            context.Response.StatusCode = Status;
        }
        else if (!isRead)
        {
            Values[path] = value!;
            context.Response.StatusCode = 204;
        }
        else if (value is null)
        {
            context.Response.StatusCode = 404;
        }
        else
        {
            await context.Response.Body.WriteAsync(value);
        }
    }
}
