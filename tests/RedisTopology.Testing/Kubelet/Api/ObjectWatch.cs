using System.Collections.Concurrent;
using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Testing.Kubelet.Api;

/// <summary>
/// A list followed by watches, for ever: the last state of every object of a kind, and a callback for each change. Callbacks of one watch
/// come one after another. A closed watch is normal and resumed; 410, in the stream or as a status, lists anew and reports what vanished meanwhile.
/// </summary>
internal sealed partial class ObjectWatch<T, TList>(
    Func<string?, CancellationToken, Task<TList>> list,
    Func<string, Action<Exception>, CancellationToken, IAsyncEnumerable<(WatchEventType Type, T Item)>> watch,
    Action<WatchEventType, T> changed, TimeProvider clock, ILogger log)
    where T : class, IKubernetesObject<V1ObjectMeta>
    where TList : class, IKubernetesObject<V1ListMeta>, IItems<T>
{
    private readonly ConcurrentDictionary<(string, string), T> _items = new();
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _version;

    /// <summary>The last known state.</summary>
    public ICollection<T> Items => _items.Values;

    /// <summary>Ends when the first list is in.</summary>
    public Task Listed => _listed.Task;

    /// <summary>One object; null when there is none.</summary>
    public T? Find(string ns, string name) => _items.GetValueOrDefault((ns, name));

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                if (_version is null)
                    await ListAsync(cancel);
                await WatchAsync(cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (KubernetesException e) when (e.Status?.Code == (int)HttpStatusCode.Gone)
            {
                _version = null;
            }
            catch (HttpOperationException e) when (e.Response?.StatusCode == HttpStatusCode.Gone)
            {
                _version = null;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or HttpOperationException or KubernetesException or TaskCanceledException or System.Text.Json.JsonException)
            {
                WatchInterrupted(log, typeof(T).Name, e.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(200), clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListAsync(CancellationToken cancel)
    {
        var seen = new HashSet<(string, string)>();
        string? token = null;
        do
        {
            var page = await list(token, cancel);
            foreach (var item in page.Items)
            {
                seen.Add(Key(item));
                Take(WatchEventType.Modified, item);
            }

            token = page.Metadata.ContinueProperty;
            _version = page.Metadata.ResourceVersion;
        }
        while (!string.IsNullOrEmpty(token));

        foreach (var (key, item) in _items.Where(pair => !seen.Contains(pair.Key)).ToList())
        {
            if (_items.TryRemove(key, out _))
                changed(WatchEventType.Deleted, item);
        }

        _listed.TrySetResult();
    }

    private async Task WatchAsync(CancellationToken cancel)
    {
        // An error event of the stream reaches only this callback: without it a 410 would pass unseen.
        await foreach (var (type, item) in watch(_version!, e => throw e, cancel))
        {
            _version = item.Metadata.ResourceVersion;
            if (type is WatchEventType.Added or WatchEventType.Modified or WatchEventType.Deleted)
                Take(type, item);
        }
    }

    private void Take(WatchEventType type, T item)
    {
        if (type == WatchEventType.Deleted)
            _items.TryRemove(Key(item), out _);
        else
            _items[Key(item)] = item;
        changed(type, item);
    }

    private static (string, string) Key(T item) => (item.Metadata.NamespaceProperty ?? "", item.Metadata.Name);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Watch of {Kind} interrupted: {Reason}")]
    private static partial void WatchInterrupted(ILogger logger, string kind, string reason);
}
