using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;
using RedisTopology.Testing.Kubelet.Api;
using RedisTopology.Testing.Kubelet.Pods;

namespace RedisTopology.Testing.Kubelet;

/// <summary>Watches of what pods refer to.</summary>
public sealed partial class ProcessKubelet
{
    private void AddStorageAndConfigWatches(CancellationToken stop)
    {
        var log = _options.Loggers.CreateLogger<ProcessKubelet>();
        var core = _client.CoreV1;
        _loops.Add(new ObjectWatch<V1ConfigMap, V1ConfigMapList>(
            (token, c) => core.ListConfigMapForAllNamespacesAsync(limit: 500, continueParameter: token, cancellationToken: c),
            (version, error, c) => core.WatchListConfigMapForAllNamespacesAsync(resourceVersion: version, allowWatchBookmarks: true, timeoutSeconds: 290, onError: error, cancellationToken: c),
            (_, map) => ReferenceChanged(map.Namespace(), $"ConfigMap/{map.Name()}"),
            _options.Clock,
            log).RunAsync(stop));
        _loops.Add(new ObjectWatch<V1Secret, V1SecretList>(
            (token, c) => core.ListSecretForAllNamespacesAsync(limit: 500, continueParameter: token, cancellationToken: c),
            (version, error, c) => core.WatchListSecretForAllNamespacesAsync(resourceVersion: version, allowWatchBookmarks: true, timeoutSeconds: 290, onError: error, cancellationToken: c),
            (_, secret) => ReferenceChanged(secret.Namespace(), $"Secret/{secret.Name()}"),
            _options.Clock,
            log).RunAsync(stop));
        _loops.Add(new ObjectWatch<V1PersistentVolumeClaim, V1PersistentVolumeClaimList>(
            (token, c) => core.ListPersistentVolumeClaimForAllNamespacesAsync(limit: 500, continueParameter: token, cancellationToken: c),
            (version, error, c) => core.WatchListPersistentVolumeClaimForAllNamespacesAsync(resourceVersion: version, allowWatchBookmarks: true, timeoutSeconds: 290, onError: error, cancellationToken: c),
            (type, claim) =>
            {
                if (type != WatchEventType.Deleted)
                    _storage!.Claim(claim, stop);
            },
            _options.Clock,
            log).RunAsync(stop));
        _loops.Add(new ObjectWatch<V1PersistentVolume, V1PersistentVolumeList>(
            (token, c) => core.ListPersistentVolumeAsync(limit: 500, continueParameter: token, cancellationToken: c),
            (version, error, c) => core.WatchListPersistentVolumeAsync(resourceVersion: version, allowWatchBookmarks: true, timeoutSeconds: 290, onError: error, cancellationToken: c),
            (type, volume) =>
            {
                if (type != WatchEventType.Deleted)
                    _storage!.Volume(volume, stop);
            },
            _options.Clock,
            log).RunAsync(stop));
    }

    private void ReferenceChanged(string ns, string reference)
    {
        foreach (var worker in _workers.Values.Where(w => w.Pod.Namespace() == ns && w.Sandbox is not null && ProjectedFiles.References(w.Pod).Contains(reference)))
            _ = LaterAsync(worker);

        async Task LaterAsync(PodWorker worker)
        {
            await Task.Delay(_options.VolumeSyncDelay, _options.Clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_stop.IsCancellationRequested)
                await worker.RefreshVolumesAsync();
        }
    }
}
