using System.Collections.Concurrent;
using k8s.Models;

namespace RedisTopology.Kubernetes;

internal sealed class ApiCapabilities(ApiConnection connection, TimeProvider time) : IApiCapabilities
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(string Group, string Version), Answer> _answers = new();

    public async Task<bool> ServesAsync(string group, string version, string resource, CancellationToken cancellationToken = default) =>
        await FindAsync(group, version, resource, cancellationToken).ConfigureAwait(false) is not null;

    public async Task<V1APIResource?> FindAsync(string group, string version, string resource, CancellationToken cancellationToken = default)
    {
        var answer = _answers.AddOrUpdate((group, version), Ask, (key, old) => old.Expired(time) ? Ask(key) : old);
        return (await answer.Resources.WaitAsync(cancellationToken).ConfigureAwait(false)).GetValueOrDefault(resource);
    }

    public void Invalidate(string group, string version) => _answers.TryRemove((group, version), out _);

    // Not under the caller's token: others wait for the same answer.
    private Answer Ask((string Group, string Version) key) => new(time.GetTimestamp(), FetchAsync(key.Group, key.Version));

    private async Task<Dictionary<string, V1APIResource>> FetchAsync(string group, string version)
    {
        try
        {
            var path = group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";
            var list = await connection.SendAsync<V1APIResourceList>(HttpMethod.Get, path, null, string.Empty, CancellationToken.None).ConfigureAwait(false);
            return (list.Resources ?? []).ToDictionary(r => r.Name, StringComparer.Ordinal);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return [];
        }
    }

    private sealed record Answer(long AskedAt, Task<Dictionary<string, V1APIResource>> Resources)
    {
        public bool Expired(TimeProvider time) => Resources.IsFaulted || Resources.IsCanceled || time.GetElapsedTime(AskedAt) > Lifetime;
    }
}
