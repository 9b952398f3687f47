using System.Globalization;
using CsCheck;
using k8s.Models;
using Microsoft.AspNetCore.Http;
using RedisTopology.Kubernetes.Tests.Support;

namespace RedisTopology.Kubernetes.Tests.Caching;

/// <summary>Whatever happens on the server and to the connections, the cache ends up equal to the server.</summary>
public sealed class CacheConvergenceTests
{
    private static readonly Gen<(int Object, int Action)[]> Writes = Gen.Select(Gen.Int[0, 11], Gen.Int[0, 3]).Array[1, 60];

    [Fact]
    public async Task The_cache_equals_the_server_after_any_writes_and_faults()
    {
        await Gen.Select(Writes, Gen.Int[0, 5].Array[1, 20], Gen.Int[1, 5]).SampleAsync(
            async (writes, faults, pageSize) =>
            {
                var model = new ModelServer(faults);
                await using var api = await ScriptedApi.StartAsync(model.AnswerAsync);
                await using var cache = api.Cache<V1ConfigMap>(o => (o.PageSize, o.MinBackoff, o.MaxBackoff) = (pageSize, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(3)));
                foreach (var (id, action) in writes)
                {
                    model.Write("o" + id.ToString(CultureInfo.InvariantCulture), action == 0);
                    if (action == 1)
                        await Task.Yield();
                    if (action == 2)
                        await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
                }

                model.Calm();
                await cache.ExpectAsync(model.Names);
                // Every change was announced: replaying the announcements gives the same state.
                var replayed = new SortedDictionary<string, string>(StringComparer.Ordinal);
                foreach (var change in cache.Changes)
                {
                    if (change.New is { } now)
                        replayed[now.Metadata.Name] = now.Metadata.ResourceVersion;
                    else
                        Assert.True(replayed.Remove(change.Old!.Metadata.Name));
                }

                Assert.Equal(model.Names, string.Join(',', replayed.Select(p => $"{p.Key}@{p.Value}").Order(StringComparer.Ordinal)));
            },
            iter: 40,
            threads: 2);
    }

    /// <summary>A store with history: lists are snapshots at a version, watches replay from one, and old versions expire.</summary>
    private sealed class ModelServer(int[] faults)
    {
        private readonly Lock _gate = new();
        private readonly List<(int Version, string Type, string Name, int Born)> _history = [];
        private readonly SortedDictionary<string, (int Version, int Born)> _objects = new(StringComparer.Ordinal);
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _version = 100;
        private int _requests;
        private bool _calm;

        public string Names
        {
            get
            {
                lock (_gate)
                    return string.Join(',', _objects.Select(o => $"{o.Key}@{o.Value.Version}").Order(StringComparer.Ordinal));
            }
        }

        public void Write(string name, bool delete)
        {
            lock (_gate)
            {
                var exists = _objects.TryGetValue(name, out var known);
                if (delete && !exists)
                    return;
                _version++;
                var born = exists ? known.Born : _version;
                if (delete)
                    _objects.Remove(name);
                else
                    _objects[name] = (_version, born);
                _history.Add((_version, delete ? "DELETED" : exists ? "MODIFIED" : "ADDED", name, born));
                _changed.TrySetResult();
                _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        public void Calm()
        {
            lock (_gate)
            {
                _calm = true;
                _changed.TrySetResult();
            }
        }

        public async Task AnswerAsync(ApiCall call, HttpResponse response)
        {
            int fault;
            lock (_gate)
                fault = _calm ? 0 : faults[_requests++ % faults.Length];
            if (fault == 1)
                await response.StatusAsync(500, "InternalError");
            else if (call.IsWatch)
                await WatchAsync(int.Parse(call.ResourceVersion!, CultureInfo.InvariantCulture), fault, response);
            else
                await ListAsync(call, fault, response);
        }

        private async Task ListAsync(ApiCall call, int fault, HttpResponse response)
        {
            // A continue token is version, then the last name: later pages show the first page's snapshot.
            var (at, after) = call.Continue is { } token ? (int.Parse(token.Split(':')[0], CultureInfo.InvariantCulture), token.Split(':')[1]) : (0, string.Empty);
            if (call.Continue is not null && fault == 2)
            {
                await response.StatusAsync(410, "Expired");
                return;
            }

            string[] items;
            string? next = null;
            lock (_gate)
            {
                at = at == 0 ? _version : at;
                var snapshot = new SortedDictionary<string, (int Version, int Born)>(StringComparer.Ordinal);
                foreach (var (version, type, name, born) in _history.Where(h => h.Version <= at))
                {
                    if (type == "DELETED")
                        snapshot.Remove(name);
                    else
                        snapshot[name] = (version, born);
                }

                var rest = snapshot.Where(o => string.CompareOrdinal(o.Key, after) > 0).ToList();
                var limit = call.Limit is null ? int.MaxValue : int.Parse(call.Limit, CultureInfo.InvariantCulture);
                var page = rest.Take(limit).ToList();
                items = [.. page.Select(o => Item(o.Key, o.Value.Version, o.Value.Born))];
                if (rest.Count > limit)
                    next = $"{at}:{page[^1].Key}";
            }

            await response.ListAsync(at, items, next);
        }

        private async Task WatchAsync(int from, int fault, HttpResponse response)
        {
            if (fault == 2)
            {
                await response.EventAsync("ERROR", Reply.Status(410, "Expired"));
                return;
            }

            await response.Body.FlushAsync();
            for (var sent = 0; ;)
            {
                List<(int Version, string Type, string Name, int Born)> news;
                Task changed;
                lock (_gate)
                {
                    news = [.. _history.Where(h => h.Version > from)];
                    changed = _changed.Task;
                }

                foreach (var (version, type, name, born) in news)
                {
                    await response.EventAsync(type, Item(name, version, born));
                    from = version;
                    sent++;
                    if (fault == 3 && sent == 2)
                        return;
                    if (fault == 4 && sent == 1)
                    {
                        response.HttpContext.Abort();
                        return;
                    }

                    if (fault == 5 && sent == 3)
                    {
                        await response.WriteAsync("{\"type\":\"ADD");
                        return;
                    }
                }

                if (_calm && fault != 0)
                    return;
                await changed.WaitAsync(response.HttpContext.RequestAborted);
                if (_calm && changed.IsCompleted)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, response.HttpContext.RequestAborted);
                }
            }
        }

        private static string Item(string name, int version, int born)
            => Reply.Item(name, version).Replace($"uid-{name}", $"uid-{name}-{born}", StringComparison.Ordinal);
    }
}
