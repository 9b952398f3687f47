using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests.Storm;

/// <summary>
/// What happens beside the edits. A pod is taken away, or its server killed, only while its shard has another copy and no other pod of it is on its way out: two at once
/// are more than a cache without a disk promises to survive.
/// </summary>
internal sealed class StormEvents(TestCluster cluster, IntegrationFixture fixture, StormOperator @operator, Func<string> password, CancellationToken cancel) : IAsyncDisposable
{
    private readonly List<Task> _ending = [];

    /// <summary>Servers killed, frozen or cut off so far.</summary>
    public int Faults { get; private set; }

    /// <summary>Something planned: nothing acknowledged may be lost by it.</summary>
    /// <returns>Of which kind it was, and what was done; null when it is not possible now.</returns>
    public Task<(string Kind, string What)?> PlannedAsync(Random random) => random.Next(11) switch
    {
        0 or 1 => KindAsync("pod deleted", DeleteAsync(random)),
        2 => KindAsync("pod evicted", EvictAsync(random)),
        3 or 4 => KindAsync("operator replaced", RestartOperatorAsync(random)),
        5 => KindAsync("switchover", SwitchOverAsync(random)),
        6 => KindAsync("password rotated", RotateAsync(random)),
        7 => KindAsync("password given", GivePasswordAsync(random)),
        8 => KindAsync("setting changed by hand", ChangeByHandAsync(random)),
        9 => KindAsync("API server away", ApiAwayAsync(random)),
        _ => KindAsync("API server's errors", ApiErrorsAsync(random)),
    };

    /// <summary>A server is killed, frozen for a while, or cut off: from everybody, or from clients and the operator alone.</summary>
    /// <returns>Of which kind it was, and what was done; null when it is not possible now.</returns>
    public async Task<(string Kind, string What)?> FaultAsync(Random random)
    {
        if (await AnyAsync(random) is not { } pod || !await IsSpareAsync(pod))
            return null;
        var name = $"{cluster.Namespace}/{pod.Name()}";
        var length = TimeSpan.FromMilliseconds(random.Next(300, 12_000));
        var kind = random.Next(6) switch { 0 or 1 => "kill -9", 2 or 3 => "SIGSTOP", 4 => "black hole", _ => "unreachable" };
        Faults++;
        switch (kind)
        {
            case "kill -9":
                fixture.Kubelet.Kill(name);
                return (kind, $"kill -9 {pod.Name()}");
            case "SIGSTOP":
                fixture.Kubelet.Freeze(name);
                _ending.Add(AfterAsync(length, () => Resume(name)));
                break;
            case "black hole":
                await fixture.Kubelet.PartitionAsync(name, cancel);
                _ending.Add(AfterAsync(length, HealAsync));
                break;
            default:
                await fixture.Kubelet.PartitionFromHostAsync(name, cancel);
                _ending.Add(AfterAsync(length, HealAsync));
                break;
        }

        return (kind, string.Create(CultureInfo.InvariantCulture, $"{kind} {pod.Name()} for {length.TotalSeconds:0.0} s"));
    }

    /// <summary>Waits until nothing is frozen, cut off or away any more.</summary>
    public async Task EndedAsync()
    {
        await Task.WhenAll(_ending);
        _ending.Clear();
    }

    public async ValueTask DisposeAsync() => await EndedAsync();

    private static async Task<(string Kind, string What)?> KindAsync(string kind, Task<string?> happens) => await happens is { } what ? (kind, what) : null;

    private async Task AfterAsync(TimeSpan length, Func<Task> end)
    {
        await Task.Delay(length, TimeProvider.System, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await end();
    }

    private Task Resume(string pod)
    {
        try
        {
            fixture.Kubelet.Resume(pod);
        }
        catch (ArgumentException)
        {
            // Its pod has gone meanwhile.
        }

        return Task.CompletedTask;
    }

    /// <summary>All of them: the pod may have gone meanwhile, and its address be another's.</summary>
    private Task HealAsync() => fixture.Kubelet.HealAllAsync(CancellationToken.None);

    /// <summary>The operator cannot reach the API server, and its watches end.</summary>
    private async Task<string?> ApiAwayAsync(Random random)
    {
        var length = TimeSpan.FromMilliseconds(random.Next(300, 12_000));
        await @operator.Api.BeginOutageAsync();
        _ending.Add(AfterAsync(length, () => @operator.Api.EndOutageAsync(CancellationToken.None)));
        return string.Create(CultureInfo.InvariantCulture, $"API server away for {length.TotalSeconds:0.0} s");
    }

    /// <summary>The API server answers some of the operator's requests badly, or late, and its watches break. (One that stalls on a connection that lives is noticed after 90 s: too long for a storm.)</summary>
    private Task<string?> ApiErrorsAsync(Random random)
    {
        var (name, fault) = random.GetItems<(string, Fault)>(
            [("409", Fault.Conflict), ("500", Fault.InternalError), ("429", Fault.TooManyRequests(TimeSpan.FromSeconds(1))), ("cut", Fault.Abort), ("late", Fault.Latency(TimeSpan.FromSeconds(3)))], 1)[0];
        var (times, every) = (random.Next(1, 12), random.Next(1, 4));
        var seen = 0;
        @operator.Api.Inject(fault, _ => Interlocked.Increment(ref seen) % every == 0, times);
        var broken = @operator.Api.InterruptWatches(random.GetItems([Fault.WatchDropped(), Fault.WatchExpired(), Fault.WatchMalformed()], 1)[0], _ => random.Next(2) == 0);
        return Task.FromResult<string?>($"API server: {name} for {times} requests, {broken} watches break");
    }

    private async Task<string?> DeleteAsync(Random random)
    {
        if (await AnyAsync(random) is not { } pod || !await IsSpareAsync(pod))
            return null;
        await cluster.Client.CoreV1.DeleteNamespacedPodAsync(pod.Name(), cluster.Namespace, cancellationToken: cancel);
        return $"delete pod {pod.Name()}";
    }

    private async Task<string?> EvictAsync(Random random)
    {
        if (await AnyAsync(random) is not { } pod || !await IsSpareAsync(pod))
            return null;
        return await cluster.TryEvictAsync($"{cluster.Namespace}/{pod.Name()}") ? $"evict {pod.Name()}" : $"evict {pod.Name()}: refused by its budget";
    }

    private async Task<string?> RestartOperatorAsync(Random random)
    {
        TimeSpan? grace = random.Next(3) == 0 ? TimeSpan.FromSeconds(30) : null;
        var away = TimeSpan.FromMilliseconds(random.Next(5000));
        await @operator.EndAsync(grace);
        await Task.Delay(away, TimeProvider.System, cancel);
        await @operator.StartAsync();
        return string.Create(CultureInfo.InvariantCulture, $"operator {(grace is null ? "killed" : "ended")}, another one {away.TotalSeconds:0.0} s later");
    }

    /// <summary>As <c>kubectl cache failover</c>.</summary>
    private async Task<string?> SwitchOverAsync(Random random)
    {
        if ((await cluster.GetAsync())?.Status.Shards is not { Count: > 0 } shards || shards[random.Next(shards.Count)] is not { Master: { } master } shard)
            return null;
        await AnnotateAsync(Labels.Switchover, string.Create(CultureInfo.InvariantCulture, $"{shard.Name} {master} - {TimeProvider.System.GetUtcNow().AddSeconds(20):O}"));
        return $"switchover of {shard.Name} from {master}";
    }

    private async Task<string?> RotateAsync(Random random)
    {
        var text = random.Next().ToString(CultureInfo.InvariantCulture);
        await AnnotateAsync(Labels.RotatePassword, text);
        return $"rotate-password={text}";
    }

    private async Task<string?> GivePasswordAsync(Random random)
    {
        var given = string.Create(CultureInfo.InvariantCulture, $"by-hand-{random.Next()}");
        await fixture.Plane.ApplyAsync($"{{apiVersion: v1, kind: Secret, metadata: {{name: {cluster.Name}-auth}}, stringData: {{password: {given}}}}}", cluster.Namespace, cancel);
        return $"Secret: {given}";
    }

    private async Task<string?> ChangeByHandAsync(Random random)
    {
        if (await AnyAsync(random) is not { Status.PodIP: { } address } pod)
            return null;
        try
        {
            await StormServer.SetAsync($"{address}:6379", password(), "tcp-keepalive", "7", cancel);
            return $"tcp-keepalive changed by hand at {pod.Name()}";
        }
        catch (IOException)
        {
            return null;
        }
    }

    private async Task AnnotateAsync(string name, string value) => await cluster.Client.CustomObjects.PatchNamespacedCustomObjectAsync(
        new V1Patch(new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [name] = value } } }.ToJsonString(), V1Patch.PatchType.MergePatch),
        CacheCluster.GroupName, "v1alpha1", cluster.Namespace, "cacheclusters", cluster.Name, cancellationToken: cancel);

    private async Task<V1Pod?> AnyAsync(Random random)
    {
        var pods = (await cluster.PodsAsync()).Where(p => p.Metadata.DeletionTimestamp is null).OrderBy(p => p.Name(), StringComparer.Ordinal).ToList();
        return pods.Count == 0 ? null : pods[random.Next(pods.Count)];
    }

    private async Task<bool> IsSpareAsync(V1Pod pod)
    {
        var shard = pod.Name()[..pod.Name().LastIndexOf('-')];
        var members = (await cluster.PodsAsync()).Where(p => p.Name()[..p.Name().LastIndexOf('-')] == shard).ToList();
        if (members.Any(m => m.Metadata.DeletionTimestamp is not null))
            return false;
        try
        {
            var servers = new Dictionary<string, StormServer>();
            foreach (var member in members)
                servers[member.Name()] = await StormServer.AskAsync($"{member.Status.PodIP}:6379", password(), cancel);
            return servers.Values.Where(s => s.IsMaster).ToList() is [var master] && servers.Count > 1 && servers.Values.All(s => s == master || (s.MasterId == master.Id && s.Info.GetValueOrDefault("master_link_status") == "up"))
                && master.OnlineReplicas == servers.Count - 1;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
