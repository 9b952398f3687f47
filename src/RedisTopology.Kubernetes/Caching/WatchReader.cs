using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>Reads one watch request line by line. Ends when the server closes it, or has said nothing for long; throws when anything else happens.</summary>
internal sealed class WatchReader<T>(ApiConnection connection, string? @namespace, string? labelSelector, string? fieldSelector)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>etcd holds at most 1.5 MiB of an object; a line that grows far beyond is no event.</summary>
    private const int MaxLine = 16 * 1024 * 1024;

    private readonly string _path = EntityMetadata.Of<T>().Path(@namespace);

    /// <param name="resourceVersion">The version after which events are wanted.</param>
    /// <param name="timeout">How long the server is asked to keep it open.</param>
    /// <param name="silence">How long it may say nothing.</param>
    /// <param name="slack">How long the response's headers may take.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TimeoutException">The request was not answered.</exception>
    /// <exception cref="JsonException">A line is no event, or the stream ended within one.</exception>
    /// <exception cref="ApiException">The server refused the watch.</exception>
    public async IAsyncEnumerable<WatchEvent<T>> ReadAsync(
        string resourceVersion, TimeSpan timeout, TimeSpan silence, TimeSpan slack, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = ApiConnection.Query(
            ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", resourceVersion),
            ("timeoutSeconds", ((int)Math.Max(1, timeout.TotalSeconds)).ToString(CultureInfo.InvariantCulture)),
            ("labelSelector", labelSelector), ("fieldSelector", fieldSelector));
        using var response = await OpenAsync(_path + query, slack, cancellationToken).ConfigureAwait(false);
        using var deadline = new ReadDeadline(silence, connection.Time, cancellationToken);
        var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
        await using var _ = stream.ConfigureAwait(false);
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 8 * 1024, leaveOpen: true));
        try
        {
            while (true)
            {
                if (await HeardAsync(pipe, deadline).ConfigureAwait(false) is not { } read)
                {
                    yield return new(WatchEventKind.Silence, default, null, null);
                    yield break;
                }

                var buffer = read.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    var line = buffer.Slice(0, end);
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                    if (!IsBlank(line))
                        yield return WatchEvent<T>.Parse(line);
                }

                if (buffer.Length > MaxLine)
                    throw new JsonException($"A line of more than {MaxLine} bytes.");
                if (read.IsCompleted)
                {
                    if (!IsBlank(buffer))
                        throw new JsonException("The watch ended within a line.");
                    yield break;
                }

                pipe.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        finally
        {
            await pipe.CompleteAsync().ConfigureAwait(false);
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(string path, TimeSpan slack, CancellationToken cancellationToken)
    {
        // Headers come at once from a healthy server, even when no event does.
        using var headers = new ReadDeadline(slack, connection.Time, cancellationToken);
        try
        {
            return await connection.SendAsync(HttpMethod.Get, path, null, headers.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (headers.HasPassed)
        {
            throw new TimeoutException($"A watch of {_path} was not answered within {slack.TotalSeconds} s.", e);
        }
    }

    /// <returns>What was read; null when it was nothing for too long.</returns>
    private static async Task<ReadResult?> HeardAsync(PipeReader pipe, ReadDeadline silence)
    {
        try
        {
            var read = await pipe.ReadAsync(silence.Token).ConfigureAwait(false);
            silence.Restart();
            return read;
        }
        catch (OperationCanceledException) when (silence.HasPassed)
        {
            return null;
        }
    }

    private static bool IsBlank(ReadOnlySequence<byte> line)
    {
        foreach (var part in line)
        {
            if (part.Span.ContainsAnyExcept(" \r\t"u8))
                return false;
        }

        return true;
    }
}
