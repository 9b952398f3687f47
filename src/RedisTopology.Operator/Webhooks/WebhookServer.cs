using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Operator.Webhooks;

/// <summary>
/// The webhook's HTTPS server: <c>POST /inject</c>. Every instance of the operator serves, whether it leads or not. The certificate is asked for at each handshake, so
/// that a new one is served at once.
/// </summary>
internal sealed partial class WebhookServer(InjectionSettings settings, CertificateKeeper certificates, InjectionReview review, ILogger<WebhookServer> logger) : IHostedService, IAsyncDisposable
{
    /// <summary>A pod is bounded at some 1.5 MB by etcd, and a review may hold it twice.</summary>
    private const long MaxBody = 8 * 1024 * 1024;

    private WebApplication? _app;

    /// <summary>Where it listens; null before it does.</summary>
    public Uri? Address { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBody;
            kestrel.Listen(settings.Address, settings.Port, listen => listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificateSelector = (_, _) => certificates.Served }));
        });
        // The process's own signals belong to the host.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync(cancellationToken);
        Address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        LogListening(logger, Address);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task AnswerAsync(HttpContext http)
    {
        if (http.Request is not { Method: "POST", Path.Value: "/inject" })
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        JsonNode? request = null;
        try
        {
            request = await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        }
        catch (JsonException)
        {
            // Answered as any other body that is no review.
        }

        if (request is not JsonObject || await review.AnswerAsync(request, http.RequestAborted) is not { } answer)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(answer.ToJsonString(), http.RequestAborted);
    }

    [LoggerMessage(LogLevel.Information, "The injection webhook listens on {Address}")]
    private static partial void LogListening(ILogger logger, Uri address);

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
