using System.Collections.Concurrent;
using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes.Tests.Support;

internal sealed class RunningCache<T> : IAsyncDisposable
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    public RunningCache(ResourceCache<T> cache)
    {
        Cache = cache;
        Cache.Subscribe(Changes.Enqueue);
        _run = cache.RunAsync(_stop.Token);
    }

    public ResourceCache<T> Cache { get; }

    public ConcurrentQueue<ResourceChange<T>> Changes { get; } = new();

    public string Names => string.Join(',', Cache.List().Select(o => $"{o.Metadata.Name}@{o.Metadata.ResourceVersion}").Order(StringComparer.Ordinal));

    public async Task ExpectAsync(string names)
    {
        for (var i = 0; i < 500 && !(Cache.HasSynced && Names == names); i++)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(names, Names);
        Assert.True(Cache.HasSynced);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }
}
