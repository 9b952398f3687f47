using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Testing.Kubelet.Nodes;

/// <summary>
/// The kubelets' own servers: what <c>kubectl exec</c> and <c>kubectl port-forward</c> come down to, over WebSocket. The API server passes the streams of a client that speaks
/// <c>v4.channel.k8s.io</c> on as they are; whoever speaks SPDY (kubectl before 1.30) is refused. Commands get no standard input, and answer when they have ended. <c>kubectl logs</c> gets
/// what there is, or its last lines (<c>--tail</c>); the lines have no times, so <c>--since</c> leaves none out.
/// </summary>
internal sealed class KubeletServer : IAsyncDisposable
{
    /// <summary>Where kubelets listen.</summary>
    public const int Port = 10250;

    private const string Protocol = "v4.channel.k8s.io";
    private const byte Stdout = 1, Stderr = 2, Status = 3;
    private readonly WebApplication _app;

    private KubeletServer(WebApplication app) => _app = app;

    /// <param name="addresses">The addresses of the nodes.</param>
    /// <param name="exec">Runs a command in a container: namespace/pod, container, command.</param>
    /// <param name="logs">What a container has printed: namespace/pod, container.</param>
    /// <param name="socket">A new TCP socket in the network of a pod; null when it has none. Forwarded ports are those of its loopback, as with a real kubelet.</param>
    /// <param name="cancel">Cancels the start.</param>
    public static async Task<KubeletServer> StartAsync(
        IEnumerable<string> addresses, Func<string, string, IEnumerable<string>, CancellationToken, Task<ExecResult>> exec, Func<string, string, string> logs, Func<string, Task<Socket>?> socket,
        CancellationToken cancel)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            foreach (var node in addresses)
            {
                kestrel.Listen(IPAddress.Parse(node), Port, listen =>
                {
                    // A WebSocket over HTTP/2 is another handshake.
                    listen.Protocols = HttpProtocols.Http1;
                    listen.UseHttps(Certificate());
                });
            }
        });
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.UseWebSockets();
        app.Run(http => http.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries) is ["containerLogs", var space, var pod, var container]
            ? LogsAsync(http, logs($"{space}/{pod}", container))
            : AnswerAsync(http, exec, socket));
        await app.StartAsync(cancel);
        return new KubeletServer(app);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private static async Task AnswerAsync(HttpContext http, Func<string, string, IEnumerable<string>, CancellationToken, Task<ExecResult>> exec, Func<string, Task<Socket>?> socket)
    {
        var sockets = http.WebSockets;
        var ended = http.RequestAborted;
        if (!sockets.IsWebSocketRequest || !sockets.WebSocketRequestedProtocols.Contains(Protocol))
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        switch (http.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            case ["exec", var space, var pod, var container]:
                string[] command = [.. http.Request.Query["command"].OfType<string>()];
                await ExecAsync(await sockets.AcceptWebSocketAsync(Protocol), () => exec($"{space}/{pod}", container, command, ended), ended);
                break;
            case ["portForward", var space, var pod] when socket($"{space}/{pod}") is { } made:
                await ForwardAsync(await sockets.AcceptWebSocketAsync(Protocol), await made, int.Parse(http.Request.Query["port"].ToString(), CultureInfo.InvariantCulture), ended);
                break;
            default:
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
    }

    private static Task LogsAsync(HttpContext http, string text)
    {
        if (int.TryParse(http.Request.Query["tailLines"], CultureInfo.InvariantCulture, out var lines))
            text = string.Join("", text.TrimEnd('\n').Split('\n').TakeLast(lines).Select(l => l + "\n"));
        return http.Response.WriteAsync(text, http.RequestAborted);
    }

    private static async Task ExecAsync(WebSocket socket, Func<Task<ExecResult>> run, CancellationToken cancel)
    {
        object status;
        try
        {
            var result = await run();
            await SendAsync(socket, Stdout, Encoding.UTF8.GetBytes(result.Stdout), cancel);
            await SendAsync(socket, Stderr, Encoding.UTF8.GetBytes(result.Stderr), cancel);
            status = result.ExitCode == 0
                ? new { metadata = new { }, status = "Success" }
                : new
                {
                    metadata = new { },
                    status = "Failure",
                    message = $"command terminated with exit code {result.ExitCode}",
                    reason = "NonZeroExitCode",
                    details = new { causes = new[] { new { reason = "ExitCode", message = result.ExitCode.ToString(CultureInfo.InvariantCulture) } } },
                };
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            status = new { metadata = new { }, status = "Failure", message = e.Message, reason = "InternalError", code = 500 };
        }

        await SendAsync(socket, Status, JsonSerializer.SerializeToUtf8Bytes(status), cancel);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, cancel);
    }

    private static async Task ForwardAsync(WebSocket socket, Socket inside, int port, CancellationToken cancel)
    {
        // Each channel begins with its port: 0 is the data, 1 the errors.
        byte[] number = [(byte)port, (byte)(port >> 8)];
        await SendAsync(socket, 0, number, cancel);
        await SendAsync(socket, 1, number, cancel);
        using var client = new TcpClient { Client = inside };
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, cancel);
        }
        catch (SocketException e)
        {
            await SendAsync(socket, 1, Encoding.UTF8.GetBytes(e.Message), cancel);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, cancel);
            return;
        }

        var stream = client.GetStream();
        var upstream = Task.Run(
            async () =>
            {
                var buffer = new byte[32 * 1024];
                while (await socket.ReceiveAsync(buffer, cancel) is { MessageType: not WebSocketMessageType.Close } frame)
                {
                    if (frame.Count > 1 && buffer[0] == 0)
                        await stream.WriteAsync(buffer.AsMemory(1, frame.Count - 1), cancel);
                    while (!frame.EndOfMessage)
                    {
                        frame = await socket.ReceiveAsync(buffer, cancel);
                        await stream.WriteAsync(buffer.AsMemory(0, frame.Count), cancel);
                    }
                }

                client.Client.Shutdown(SocketShutdown.Both);
            },
            cancel);
        var answer = new byte[32 * 1024];
        try
        {
            while (await stream.ReadAsync(answer, cancel) is > 0 and var read)
                await SendAsync(socket, 0, answer.AsMemory(0, read), cancel);
            if (socket.State == WebSocketState.Open)
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancel);
            await upstream;
        }
        catch (Exception e) when (e is IOException or SocketException or WebSocketException or OperationCanceledException)
        {
            // One end left; the other is told by the close of both.
        }
    }

    private static async Task SendAsync(WebSocket socket, byte channel, ReadOnlyMemory<byte> data, CancellationToken cancel)
    {
        var frame = new byte[1 + data.Length];
        frame[0] = channel;
        data.CopyTo(frame.AsMemory(1));
        await socket.SendAsync(frame, WebSocketMessageType.Binary, endOfMessage: true, cancel);
    }

    /// <summary>The API server does not ask who signed it unless it is told to.</summary>
    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kubelet", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
