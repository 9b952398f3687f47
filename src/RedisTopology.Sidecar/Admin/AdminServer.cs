using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RedisTopology.Sidecar.Population;

namespace RedisTopology.Sidecar.Admin;

/// <summary>The admin HTTP server: Kestrel without anything around it.</summary>
internal sealed class AdminServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    /// <summary>Makes the server; it does not listen yet.</summary>
    /// <param name="listen">Where it is to listen; port 0 for a free one.</param>
    /// <param name="pages">What it shows.</param>
    /// <param name="push">Takes pushes.</param>
    /// <param name="logging">Where it logs.</param>
    public AdminServer(IPEndPoint listen, AdminPages pages, PushEndpoint? push, ILoggerProvider logging)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.AddProvider(logging);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = 64;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            kestrel.Listen(listen);
        });
        _app = builder.Build();
        _app.Run(context => push is not null && context.Request.Path.Value == PushEndpoint.Path ? push.AnswerAsync(context) : AnswerAsync(context, pages));
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint
    {
        get
        {
            var url = new Uri(_app.Urls.First());
            return new(IPAddress.Parse(url.Host.Trim('[', ']')), url.Port);
        }
    }

    /// <summary>Begins to listen.</summary>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>A task that fails with an <see cref="IOException"/> when the address is taken.</returns>
    public Task StartAsync(CancellationToken cancellationToken) => _app.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context, AdminPages pages)
    {
        var answer = pages.Answer(context.Request.Method, context.Request.Path.Value ?? "");
        var body = Encoding.UTF8.GetBytes(answer.Body);
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.Type;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-store";
        if (answer.Status == StatusCodes.Status405MethodNotAllowed)
            context.Response.Headers.Allow = "GET, HEAD";
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    // Signals are the process' business: the proxy drains while the admin server goes on telling that it does.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
