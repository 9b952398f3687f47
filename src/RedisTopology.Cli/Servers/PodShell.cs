using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;
using RedisTopology.Cli.Hosting;

namespace RedisTopology.Cli.Servers;

/// <summary>Runs commands in the pods of a cluster through the API server (<c>pods/exec</c>).</summary>
/// <remarks>
/// The frames are read here: the library's own streams block a thread for each that is read, and a dozen servers asked at once left none on a machine of two cores to
/// answer with.
/// </remarks>
internal static class PodShell
{
    /// <summary>The container of the server.</summary>
    public const string Container = "redis";

    /// <summary>Sets <c>$cli</c> and <c>$tls</c> in the shell of a pod: <c>"$cli" $tls ...</c> talks to a server of the cluster.</summary>
    public const string RedisCli = """
        if command -v valkey-cli >/dev/null 2>&1; then cli=valkey-cli; else cli=redis-cli; fi
        REDISCLI_AUTH=$(cat /auth/password); export REDISCLI_AUTH
        tls=""; [ ! -e /tls/tls.crt ] || tls="--tls --cacert /tls/ca.crt"
        """;

    /// <summary>How much a command may answer before it is cut off, bytes: a question here has an answer of a few thousand.</summary>
    private const int MaxAnswer = 4 * 1024 * 1024;

    /// <summary>The channels of <c>v4.channel.k8s.io</c>: each frame begins with one of these.</summary>
    private const byte Output = 1, Error = 2, Status = 3;

    /// <summary>Runs a command to its end.</summary>
    /// <returns>Its exit code, its output and its errors.</returns>
    /// <exception cref="PodShellException">It could not be run; the message says why.</exception>
    public static async Task<(int Code, string Output, string Error)> RunAsync(KubeSession session, string @namespace, string pod, IEnumerable<string> command, TimeProvider time, CancellationToken cancel)
    {
        using var deadline = new CancellationTokenSource(session.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancel);
        try
        {
            using var socket = await session.Client.WebSocketNamespacedPodExecAsync(
                pod, @namespace, command, Container, stderr: true, stdin: false, stdout: true, tty: false, cancellationToken: either.Token);
            var channels = await ReadAsync(socket, either.Token);
            return (ExitCode(Text(channels, Status)), Text(channels, Output), Text(channels, Error));
        }
        catch (Exception e) when (e is WebSocketException or HttpOperationException or HttpRequestException or IOException or KubernetesException or JsonException)
        {
            throw new PodShellException(ApiErrors.Reason(e), e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new PodShellException($"no answer within {session.Timeout.TotalSeconds:0} s", e);
        }
    }

    private static async Task<MemoryStream[]> ReadAsync(WebSocket socket, CancellationToken cancel)
    {
        MemoryStream[] channels = [new(), new(), new(), new()];
        var buffer = new byte[32 * 1024];
        var channel = -1;
        while (channels.Sum(c => c.Length) < MaxAnswer)
        {
            var frame = await socket.ReceiveAsync(buffer, cancel);
            if (frame.MessageType == WebSocketMessageType.Close)
                break;
            var data = buffer.AsMemory(0, frame.Count);
            if (channel < 0 && !data.IsEmpty)
            {
                channel = data.Span[0];
                data = data[1..];
            }

            if (channel >= 0 && channel < channels.Length)
                channels[channel].Write(data.Span);
            if (frame.EndOfMessage)
                channel = -1;
        }

        return channels;
    }

    private static string Text(MemoryStream[] channels, byte channel) => Encoding.UTF8.GetString(channels[channel].ToArray());

    /// <summary>The last frame says how it ended. Without one, or with an end that is no exit code, the command did not run.</summary>
    /// <exception cref="KubernetesException">It did not run.</exception>
    private static int ExitCode(string status)
    {
        var end = status.Length > 0 ? KubernetesJson.Deserialize<V1Status>(status) : new V1Status { Status = "Failure", Message = "the connection ended before the command did" };
        if (end.Status == "Success")
            return 0;
        return end.Details?.Causes?.FirstOrDefault(c => c.Reason == "ExitCode")?.Message is { } text && int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var code)
            ? code
            : throw new KubernetesException(end);
    }
}
