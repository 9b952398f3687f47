using System.Net;
using System.Net.Sockets;
using k8s;
using Microsoft.Extensions.DependencyInjection;

namespace RedisTopology.Operator.Tests;

/// <summary>An API server that accepts connections and never answers: a real one cannot be made to.</summary>
internal sealed class SilentApi : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly List<Socket> _connections = [];
    private readonly Task _accepting;

    public SilentApi()
    {
        _listener.Start();
        Configuration = new KubernetesClientConfiguration { Host = $"http://{_listener.LocalEndpoint}" };
        _accepting = AcceptAsync();
    }

    public KubernetesClientConfiguration Configuration { get; }

    /// <summary>Connections made so far.</summary>
    public int Connections
    {
        get
        {
            lock (_connections)
                return _connections.Count;
        }
    }

    /// <summary>A client of it, with all that the operator has around it.</summary>
    public ServiceProvider Services()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddKubernetesOperator(s => s.ClientConfiguration = () => Configuration);
        return services.BuildServiceProvider();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _connections.ForEach(c => c.Dispose());
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = await _listener.AcceptSocketAsync(_end.Token);
                lock (_connections)
                    _connections.Add(connection);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }
}
