namespace RedisTopology.Kubernetes;

internal static class ApiClientFactory
{
    /// <summary>The one client of the process.</summary>
    public static k8s.Kubernetes Create(OperatorSettings settings, OperatorMetrics metrics, TimeProvider time)
    {
        var config = settings.ClientConfiguration();
        config.UserAgent = $"{settings.Name}/{typeof(ApiClientFactory).Assembly.GetName().Version?.ToString(3)}";
        var before = config.FirstMessageHandlerSetup;
        config.FirstMessageHandlerSetup = handler =>
        {
            before?.Invoke(handler);
            if (handler is SocketsHttpHandler sockets)
            {
                // A node that vanished sends no reset; pings find out in seconds instead of at the watch's own deadline.
                sockets.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
                sockets.KeepAlivePingDelay = TimeSpan.FromSeconds(15);
                sockets.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
                sockets.ConnectTimeout = TimeSpan.FromSeconds(10);
                // A long-lived watch holds one stream; beyond the server's limit per connection more connections are opened.
                sockets.EnableMultipleHttp2Connections = true;
                // Address changes of the API server's Service are noticed.
                sockets.PooledConnectionLifetime = TimeSpan.FromMinutes(15);
            }
        };
        return new(config, new ApiMetricsHandler(metrics, time), new RateLimitHandler(settings.RequestsPerSecond));
    }
}
