using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using k8s.Models;
using RedisTopology.Testing.Kubelet.Runtime;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>
/// One probe or hook. Network probes start inside the pod's network namespace: on a real node kubelet reaches its pods whatever
/// happens to the network between nodes.
/// </summary>
internal static class ProbeAction
{
    /// <summary>Null when it succeeded, else why not.</summary>
    public static async Task<string?> RunAsync(
        PodWorker pod, ContainerProcess process, V1Container container, V1ExecAction? exec, V1HTTPGetAction? http, V1TCPSocketAction? tcp, TimeSpan timeout, CancellationToken cancel)
    {
        if (exec is not null)
        {
            var result = await process.ExecAsync(exec.Command, timeout, cancel);
            return result.ExitCode == 0 ? null : $"exit {result.ExitCode}: {result.Stdout}{result.Stderr}";
        }

        using var expiry = new CancellationTokenSource(timeout, pod.Services.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancel);
        try
        {
            if (tcp is not null)
                (await ConnectAsync(process, Address(tcp.Host, pod), Port(tcp.Port, container), either.Token)).Dispose();
            else if (http is not null)
                return await GetAsync(pod, process, container, http, either.Token);
            return null;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return "timed out";
        }
        catch (Exception e) when (e is SocketException or HttpRequestException or IOException)
        {
            return e.Message;
        }
    }

    private static async Task<string?> GetAsync(PodWorker pod, ContainerProcess process, V1Container container, V1HTTPGetAction http, CancellationToken cancel)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, token) => new NetworkStream(await ConnectAsync(process, IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port, token), ownsSocket: true),
            AllowAutoRedirect = false,
            UseProxy = false,
        };
        // kubelet does not verify a probed server's certificate either.
#pragma warning disable CA5359
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        using var client = new HttpClient(handler);
        var uri = new UriBuilder(http.Scheme ?? "http", Address(http.Host, pod).ToString(), Port(http.Port, container)).Uri;
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(uri, http.Path ?? "/"));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("kube-probe", "1"));
        foreach (var header in http.HttpHeaders ?? [])
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        return (int)response.StatusCode is >= 200 and < 400 ? null : $"HTTP {(int)response.StatusCode}";
    }

    private static async Task<Socket> ConnectAsync(ContainerProcess process, IPAddress address, int port, CancellationToken cancel)
    {
        var socket = await NativeMethods.InNetworkNamespaceOf(process.Pid, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, port), cancel);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static IPAddress Address(string? host, PodWorker pod) => IPAddress.Parse(string.IsNullOrEmpty(host) ? pod.Sandbox!.Address : host);

    private static int Port(IntOrString port, V1Container container) =>
        int.TryParse(port.Value, CultureInfo.InvariantCulture, out var number)
            ? number
            : container.Ports?.FirstOrDefault(p => p.Name == port.Value)?.ContainerPort ?? throw new HttpRequestException($"no port named {port.Value}");
}
