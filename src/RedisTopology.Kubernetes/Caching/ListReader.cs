using System.Globalization;
using System.IO.Pipelines;
using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>Reads a list page by page, and each page item by item as the bytes arrive: neither the page nor its text ever exists as a whole.</summary>
internal sealed class ListReader<T>(ApiConnection connection, string? @namespace, string? labelSelector, string? fieldSelector)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly string _path = EntityMetadata.Of<T>().Path(@namespace);

    /// <summary>Reads one page.</summary>
    /// <param name="limit">Objects per page; null for all in one.</param>
    /// <param name="continue">Where the page before ended; null for the first.</param>
    /// <param name="add">Gets each object.</param>
    /// <param name="stall">The longest wait for the next bytes.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task<ListPage> ReadPageAsync(int? limit, string? @continue, Action<ItemRead<T>> add, TimeSpan stall, CancellationToken cancellationToken)
    {
        using var deadline = new ReadDeadline(stall, connection.Time, cancellationToken);
        try
        {
            var query = ApiConnection.Query(
                ("limit", limit?.ToString(CultureInfo.InvariantCulture)), ("continue", @continue), ("labelSelector", labelSelector), ("fieldSelector", fieldSelector));
            using var response = await connection.SendAsync(HttpMethod.Get, _path + query, null, deadline.Token).ConfigureAwait(false);
            var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
            await using var _ = stream.ConfigureAwait(false);
            var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));
            try
            {
                var parser = new ListParser<T>(add);
                while (true)
                {
                    var read = await pipe.ReadAsync(deadline.Token).ConfigureAwait(false);
                    deadline.Restart();
                    var consumed = parser.Parse(read.Buffer, read.IsCompleted);
                    pipe.AdvanceTo(read.Buffer.GetPosition(consumed), read.Buffer.End);
                    if (read.IsCompleted)
                        return parser.Complete();
                }
            }
            finally
            {
                await pipe.CompleteAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException e) when (deadline.HasPassed)
        {
            throw new TimeoutException($"A list of {_path} sent nothing for {stall.TotalSeconds} s.", e);
        }
    }
}
