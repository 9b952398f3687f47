using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;

namespace RedisTopology.Integration.Tests.Storm;

/// <summary>
/// What happens beside the edits. A pod is taken away, or its server killed, only while its shard has another copy and no other pod of it is on its way out: two at once
/// are more than a cache without a disk promises to survive.
/// </summary>
internal sealed class StormEvents(TestCluster cluster, IntegrationFixture fixture, StormOperator @operator, Func<string> password, CancellationToken cancel) : IAsyncDisposable
{
    private readonly List<Task> _thawing = [];

    /// <summary>Servers killed or frozen so far.</summary>
    public int Faults { get; private set; }

    /// <summary>Something planned: nothing acknowledged may be lost by it.</summary>
    /// <returns>What was done; null when it is not possible now.</returns>
    public Task<string?> PlannedAsync(Random random) => random.Next(9) switch
    {
        0 or 1 => DeleteAsync(random),
        2 => EvictAsync(random),
        3 => RestartOperatorAsync(random),
        4 => SwitchOverAsync(random),
        5 => RotateAsync(random),
        6 => GivePasswordAsync(random),
        7 => ChangeByHandAsync(random),
        _ => RestartOperatorAsync(random),
    };

    /// <summary>A server is killed or frozen for a while.</summary>
    /// <returns>What was done; null when it is not possible now.</returns>
    public async Task<string?> FaultAsync(Random random)
    {
        if (await AnyAsync(random) is not { } pod || !await IsSpareAsync(pod))
            return null;
        var name = $"{cluster.Namespace}/{pod.Name()}";
        Faults++;
        if (random.Next(2) == 0)
        {
            fixture.Kubelet.Kill(name);
            return $"kill -9 {pod.Name()}";
        }

        var length = TimeSpan.FromMilliseconds(random.Next(300, 12_000));
        fixture.Kubelet.Freeze(name);
        _thawing.Add(ThawAsync(name, length));
        return string.Create(CultureInfo.InvariantCulture, $"SIGSTOP {pod.Name()} for {length.TotalSeconds:0.0} s");
    }

    /// <summary>Waits until nothing is frozen any more.</summary>
    public async Task ThawedAsync()
    {
        await Task.WhenAll(_thawing);
        _thawing.Clear();
    }

    public async ValueTask DisposeAsync() => await ThawedAsync();

    private async Task ThawAsync(string pod, TimeSpan after)
    {
        await Task.Delay(after, TimeProvider.System, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            fixture.Kubelet.Resume(pod);
        }
        catch (ArgumentException)
        {
            // Its pod has gone meanwhile.
        }
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
            var master = servers.Values.SingleOrDefault(s => s.IsMaster);
            return master is not null && servers.Count > 1 && servers.Values.All(s => s == master || (s.MasterId == master.Id && s.Info.GetValueOrDefault("master_link_status") == "up"))
                && master.OnlineReplicas == servers.Count - 1;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
