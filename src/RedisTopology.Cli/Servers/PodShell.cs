using System.Net.WebSockets;
using System.Text;
using k8s;
using k8s.Autorest;
using RedisTopology.Cli.Hosting;

namespace RedisTopology.Cli.Servers;

/// <summary>Runs commands in the pods of a cluster through the API server (<c>pods/exec</c>).</summary>
internal static class PodShell
{
    /// <summary>The container of the server.</summary>
    public const string Container = "redis";

    /// <summary>How much a command may answer before it is cut off, characters: a question here has an answer of a few thousand.</summary>
    private const int MaxAnswer = 4 * 1024 * 1024;

    /// <summary>Runs a command to its end.</summary>
    /// <returns>Its exit code, its output and its errors.</returns>
    /// <exception cref="PodShellException">It could not be run; the message says why.</exception>
    public static async Task<(int Code, string Output, string Error)> RunAsync(KubeSession session, string @namespace, string pod, IEnumerable<string> command, TimeProvider time, CancellationToken cancel)
    {
        using var deadline = new CancellationTokenSource(session.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancel);
        var output = "";
        var error = "";
        try
        {
            var code = await session.Client.NamespacedPodExecAsync(
                pod,
                @namespace,
                Container,
                command,
                tty: false,
                async (_, stdout, stderr) =>
                {
                    var answers = await Task.WhenAll(ReadAsync(stdout, either.Token), ReadAsync(stderr, either.Token));
                    (output, error) = (answers[0], answers[1]);
                },
                either.Token).WaitAsync(either.Token);
            return (code, output, error);
        }
        catch (Exception e) when (e is WebSocketException or HttpOperationException or HttpRequestException or IOException or KubernetesException)
        {
            throw new PodShellException(ApiErrors.Reason(e), e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new PodShellException($"no answer within {session.Timeout.TotalSeconds:0} s", e);
        }
    }

    private static async Task<string> ReadAsync(Stream stream, CancellationToken cancel)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = new StringBuilder();
        var buffer = new char[8192];
        while (text.Length < MaxAnswer && await reader.ReadAsync(buffer.AsMemory(), cancel) is > 0 and var read)
            text.Append(buffer, 0, read);
        return text.ToString();
    }
}
