using System.Collections.Concurrent;
using System.Net;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RedisTopology.Kubernetes.Tests.Support;

/// <summary>
/// A server that speaks just enough list and watch to misbehave on purpose. Ordinary behaviour is tested against the real API server; a real one cannot be
/// made to send half a line or to expire between two pages.
/// </summary>
internal sealed class ScriptedApi : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedApi(WebApplication app) => _app = app;

    public Func<ApiCall, HttpResponse, Task> Handler { get; set; } = (_, _) => Task.CompletedTask;

    public ConcurrentQueue<ApiCall> Calls { get; } = new();

    public int Lists => Calls.Count(c => !c.IsWatch);

    public int Watches => Calls.Count(c => c.IsWatch);

    public Uri Address { get; private set; } = null!;

    public static async Task<ScriptedApi> StartAsync(Func<ApiCall, HttpResponse, Task>? handler = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        builder.Services.AddSingleton<Microsoft.Extensions.Hosting.IHostLifetime, NoLifetime>();
        var app = builder.Build();
        var server = new ScriptedApi(app);
        if (handler is not null)
            server.Handler = handler;
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        server.Address = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return server;
    }

    public ApiConnection Connect(TimeProvider? time = null)
        => new(new k8s.Kubernetes(new KubernetesClientConfiguration { Host = Address.ToString() }), time ?? TimeProvider.System, TimeSpan.FromSeconds(5));

    public RunningCache<T> Cache<T>(Action<ResourceCacheOptions<T>>? configure = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var options = new ResourceCacheOptions<T>
        {
            MinBackoff = TimeSpan.FromMilliseconds(10),
            MaxBackoff = TimeSpan.FromMilliseconds(50),
            WatchTimeout = TimeSpan.FromSeconds(20),
            StallSlack = TimeSpan.FromSeconds(5),
        };
        configure?.Invoke(options);
        var settings = new OperatorSettings();
        var metrics = new OperatorMetrics(Prometheus.Metrics.NewCustomRegistry(), settings);
        return new(new ResourceCache<T>(Connect(), options, settings, metrics, NullLogger<ResourceCache<T>>.Instance));
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var call = new ApiCall(
            query["watch"] == "true", query["resourceVersion"].FirstOrDefault(), query["continue"].FirstOrDefault(), query["limit"].FirstOrDefault(),
            query["labelSelector"].FirstOrDefault(), context.Request.Path.Value!, Calls.Count(c => c.IsWatch == (query["watch"] == "true")) + 1);
        Calls.Enqueue(call);
        try
        {
            await Handler(call, context.Response);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private sealed class NoLifetime : Microsoft.Extensions.Hosting.IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
