using System.Net;
using System.Net.Sockets;

namespace RedisTopology.Charts.Tests.Releases;

/// <summary>Passes connections on, byte by byte: the API server listens on loopback, where pods with a network of their own do not reach it.</summary>
internal sealed class PortForward : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener;
    private readonly IPEndPoint _target;
    private readonly Task _loop;

    public PortForward(IPAddress address, IPEndPoint target)
    {
        _target = target;
        _listener = new TcpListener(address, target.Port);
        _listener.Start();
        _loop = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
                running.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var server = new TcpClient();
                await server.ConnectAsync(_target, _stop.Token);
                await Task.WhenAny(
                    client.GetStream().CopyToAsync(server.GetStream(), _stop.Token),
                    server.GetStream().CopyToAsync(client.GetStream(), _stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // Either side is gone; the other notices when both are closed.
            }
        }
    }
}
