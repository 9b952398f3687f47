using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>Reads one watch request line by line. Ends when the server closes it; throws when anything else happens.</summary>
internal sealed class WatchReader<T>(ApiConnection connection, string? @namespace, string? labelSelector, string? fieldSelector)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>etcd holds at most 1.5 MiB of an object; a line that grows far beyond is no event.</summary>
    private const int MaxLine = 16 * 1024 * 1024;

    private readonly string _path = EntityMetadata.Of<T>().Path(@namespace);

    /// <exception cref="TimeoutException">The watch stayed open longer than asked: the connection is dead.</exception>
    /// <exception cref="JsonException">A line is no event, or the stream ended within one.</exception>
    /// <exception cref="ApiException">The server refused the watch.</exception>
    public async IAsyncEnumerable<WatchEvent<T>> ReadAsync(
        string resourceVersion, TimeSpan timeout, TimeSpan slack, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A healthy server ends the watch by itself after the time asked for. One still open later is dead, however it looks.
        using var deadline = new ReadDeadline(timeout + slack, connection.Time, cancellationToken);
        var query = ApiConnection.Query(
            ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", resourceVersion),
            ("timeoutSeconds", ((int)Math.Max(1, timeout.TotalSeconds)).ToString(CultureInfo.InvariantCulture)),
            ("labelSelector", labelSelector), ("fieldSelector", fieldSelector));
        using var response = await Bounded(OpenAsync(_path + query, slack, deadline.Token), deadline).ConfigureAwait(false);
        var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
        await using var _ = stream.ConfigureAwait(false);
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 8 * 1024, leaveOpen: true));
        try
        {
            while (true)
            {
                var read = await Bounded(pipe.ReadAsync(deadline.Token).AsTask(), deadline).ConfigureAwait(false);
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

    private async Task<TResult> Bounded<TResult>(Task<TResult> task, ReadDeadline deadline)
    {
        try
        {
            return await task.ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (deadline.HasPassed)
        {
            throw new TimeoutException($"A watch of {_path} outlived the time it was asked to last.", e);
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
