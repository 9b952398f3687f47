using System.Collections.Concurrent;
using System.Net;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace RedisTopology.Testing;

/// <summary>
/// A reverse proxy before the API server that counts requests and misbehaves on demand. Plain HTTP on loopback towards the client;
/// upstream it authenticates with the credentials it was given, so its client needs none.
/// </summary>
public sealed partial class FaultProxy : IAsyncDisposable
{
    private readonly ConcurrentDictionary<WatchRelay, bool> _watches = new();
    private readonly ConcurrentDictionary<(string Verb, string Resource), int> _counts = new();
    private readonly PortLease _port = PortLease.Take();
    private readonly TestDirectory _directory = TestDirectory.Create("fault-proxy");
    private readonly HttpMessageInvoker _upstream;
    private readonly string _destination;
    private readonly ForwardTransformer _transformer;
    private readonly Lock _rulesLock = new();
    private List<FaultRule> _rules = [];
    private WebApplication? _listener;

    // Kestrel aborts with a reset, which throws away what the client has received and not yet read; a cut ends with FIN instead.
    static FaultProxy() => AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.FinOnError", true);

    private FaultProxy(KubernetesClientConfiguration upstream)
    {
        var handler = ApiHttp.CreateHandler(upstream);
        // Bodies are passed on as they are; a watch is read line by line and must not be compressed.
        handler.AutomaticDecompression = DecompressionMethods.None;
        _upstream = new HttpMessageInvoker(handler);
        _destination = upstream.Host.TrimEnd('/');
        _transformer = new ForwardTransformer(ApiHttp.Authorization(upstream));
        Address = $"http://127.0.0.1:{_port.Port}";
        KubeconfigPath = _directory["kubeconfig"];
    }

    /// <summary>Where it listens, e.g. <c>http://127.0.0.1:12345</c>. Stays the same through outages.</summary>
    public string Address { get; }

    /// <summary>A new configuration for a client of the proxy, at every call.</summary>
    public KubernetesClientConfiguration ClientConfiguration => new() { Host = Address };

    /// <summary>The same as a file, for a client that is a process of its own.</summary>
    public string KubeconfigPath { get; }

    /// <summary>The requests so far, those struck by a fault included.</summary>
    public RequestCounts RequestCounts => new(_counts.ToDictionary());

    /// <summary>Watches that are open now.</summary>
    public IReadOnlyCollection<ApiRequest> OpenWatches => [.. _watches.Keys.Select(w => w.Request)];

    /// <summary>Starts a proxy that talks to <paramref name="upstream"/>, e.g. <see cref="ControlPlane.ClientConfiguration"/> or a user's.</summary>
    public static async Task<FaultProxy> StartAsync(KubernetesClientConfiguration upstream, CancellationToken ct = default)
    {
        var proxy = new FaultProxy(upstream);
        await File.WriteAllTextAsync(proxy.KubeconfigPath, $$"""
            apiVersion: v1
            kind: Config
            current-context: proxy
            contexts: [{name: proxy, context: {cluster: proxy, user: proxy} }]
            clusters: [{name: proxy, cluster: {server: "{{proxy.Address}}" } }]
            # Not looked at by the proxy; a client library may refuse a user without any.
            users: [{name: proxy, user: {token: none} }]
            """, ct);
        await proxy.EndOutageAsync(ct);
        return proxy;
    }

    /// <summary>
    /// From now on requests that <paramref name="match"/> (default: all) suffer <paramref name="fault"/>. The first rule with some count left wins;
    /// latency lets later ones have their turn. Faults of watches strike watches opened from now on, see <see cref="InterruptWatches"/> for open ones.
    /// </summary>
    /// <param name="fault">What happens.</param>
    /// <param name="match">Which requests.</param>
    /// <param name="times">How many of them; default: all until the rule is disposed.</param>
    public FaultRule Inject(Fault fault, Func<ApiRequest, bool>? match = null, int times = int.MaxValue)
    {
        var rule = new FaultRule(fault, match ?? (static _ => true), times);
        lock (_rulesLock)
            _rules = [.. _rules, rule];
        return rule;
    }

    /// <summary>Ends every injected fault.</summary>
    public void ClearFaults()
    {
        lock (_rulesLock)
            _rules = [];
    }

    /// <summary>Strikes watches that are open now, once each; returns how many.</summary>
    /// <param name="fault">One of the <c>Watch...</c> faults; its count of events is not looked at.</param>
    /// <param name="match">Which watches; default: all.</param>
    public int InterruptWatches(Fault fault, Func<ApiRequest, bool>? match = null)
    {
        if (fault is not Fault.WatchFault watchFault)
            throw new ArgumentException("Only faults of watches can strike an open watch.", nameof(fault));
        return _watches.Keys.Count(w => (match is null || match(w.Request)) && w.Interrupt(watchFault));
    }

    /// <summary>Sets <see cref="RequestCounts"/> back to nothing.</summary>
    public void ResetCounts() => _counts.Clear();

    /// <summary>An outage: open connections are cut, new ones refused.</summary>
    public async Task BeginOutageAsync()
    {
        if (_listener is null)
            return;
        await _listener.StopAsync();
        await _listener.DisposeAsync();
        _listener = null;
    }

    /// <summary>Ends the outage.</summary>
    public async Task EndOutageAsync(CancellationToken ct = default)
    {
        if (_listener is not null)
            return;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddHttpForwarder();
        // Watches never end by themselves.
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.Zero);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, _port.Port);
        });
        var listener = builder.Build();
        var forwarder = listener.Services.GetRequiredService<IHttpForwarder>();
        listener.Run(context => HandleAsync(context, forwarder));
        await listener.StartAsync(ct);
        _listener = listener;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await BeginOutageAsync();
        _upstream.Dispose();
        _port.Dispose();
        _directory.Dispose();
    }
}
