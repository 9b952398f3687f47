using System.Net;
using System.Net.Sockets;

namespace RedisTopology.Cli.Tests.Push;

/// <summary>A way to a port that breaks: the first connection after some bytes, the next after twice as many, until one lives long enough.</summary>
internal sealed class BrokenLink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;
    private int _breaks;

    public BrokenLink(int port)
    {
        _listener.Start();
        _running = RunAsync(port);
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>How often it has broken.</summary>
    public int Breaks => Volatile.Read(ref _breaks);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _running;
        _end.Dispose();
    }

    private async Task RunAsync(int port)
    {
        try
        {
            for (var budget = 20_000L; ; budget *= 2)
            {
                using var client = await _listener.AcceptTcpClientAsync(_end.Token);
                using var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, port, _end.Token);
                await Task.WhenAny(CopyAsync(client, server, budget), CopyAsync(server, client, long.MaxValue));
                client.Client.LingerState = new LingerOption(true, 0);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, long budget)
    {
        var buffer = new byte[4096];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, _end.Token) is > 0 and var count)
            {
                await to.GetStream().WriteAsync(buffer.AsMemory(0, count), _end.Token);
                if ((budget -= count) > 0)
                    continue;
                Interlocked.Increment(ref _breaks);
                return;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The other direction ended it.
        }
    }
}
