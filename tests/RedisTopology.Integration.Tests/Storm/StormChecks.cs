using System.Globalization;
using k8s;
using k8s.Models;
using RedisTopology.Core.Hashing;
using RedisTopology.Core.Sizing;
using RedisTopology.Core.Topology;
using RedisTopology.Integration.Tests.Harness;

namespace RedisTopology.Integration.Tests.Storm;

/// <summary>Compares a cluster that says it is ready with the spec: objects, topology, and what the servers have.</summary>
internal sealed class StormChecks(TestCluster cluster, StormSpec spec, string password, CancellationToken cancel)
{
    private const string RoleLabel = "cache.redistopology.io/role";
    private readonly List<string> _differences = [];

    /// <summary>Everything that is not as the spec says; empty when all is.</summary>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        var pods = await cluster.PodsAsync();
        await ObjectsAsync(pods);
        if (_differences.Count > 0)
            return _differences;
        var servers = new Dictionary<string, StormServer>();
        foreach (var pod in pods)
        {
            try
            {
                servers[pod.Name()] = await StormServer.AskAsync($"{pod.Status.PodIP}:6379", password, cancel);
            }
            catch (IOException e)
            {
                _differences.Add($"{pod.Name()}: {e.Message}");
            }
        }

        if (_differences.Count == 0)
            Topology(pods, servers);
        foreach (var (pod, server) in servers)
            Server(pod, server, pods.Count);
        return _differences;
    }

    private void Same<T>(string what, T wanted, T found)
    {
        if (!EqualityComparer<T>.Default.Equals(wanted, found))
            _differences.Add($"{what} is {found}, not {wanted}");
    }

    private async Task ObjectsAsync(IList<V1Pod> pods)
    {
        var wanted = spec.Wanted.SelectMany(s => Enumerable.Range(0, 1 + s.Replicas).Select(i => $"{cluster.Name}-{s.Name}-{i}")).Order(StringComparer.Ordinal).ToList();
        Same("pods", Text(wanted), Text(pods.Select(p => p.Name())));
        Same("StatefulSets", Text(spec.Wanted.Select(s => $"{cluster.Name}-{s.Name}")), Text((await cluster.Client.AppsV1.ListNamespacedStatefulSetAsync(cluster.Namespace, cancellationToken: cancel)).Items.Select(s => s.Name())));
        var claims = (await cluster.Client.CoreV1.ListNamespacedPersistentVolumeClaimAsync(cluster.Namespace, cancellationToken: cancel)).Items;
        Same("claims", spec.Persistence == "None" ? "" : Text(wanted), Text(claims.Select(c => c.Name()[(c.Name().IndexOf(cluster.Name + "-", StringComparison.Ordinal) is var at && at > 0 ? at : 0)..])));
        foreach (var claim in claims)
            Same($"size of claim {claim.Name()}", $"{spec.StorageGi}Gi", claim.Spec.Resources.Requests["storage"].ToString());
        foreach (var pod in pods)
        {
            Same($"{pod.Name()}'s end", null, pod.Metadata.DeletionTimestamp);
            Same($"{pod.Name()}'s image", (spec.Engine == "Valkey" ? "valkey/valkey:" : "redis:") + spec.Version, pod.Spec.Containers[0].Image);
            Same($"{pod.Name()}'s memory", $"{spec.MemoryMi}Mi", pod.Spec.Containers[0].Resources.Limits["memory"].ToString());
        }

        var sidecar = (await cluster.Client.CoreV1.ReadNamespacedConfigMapAsync($"{cluster.Name}-sidecar", cluster.Namespace, cancellationToken: cancel)).Data["sidecar.yaml"];
        if (!sidecar.Contains($"readFrom: {spec.ReadFrom}\nconsistency: {spec.Consistency}\n", StringComparison.Ordinal) || sidecar.Contains("PerSlot", StringComparison.Ordinal) != (spec.Transactions == "PerSlot"))
            _differences.Add($"sidecar.yaml is {sidecar}");
        var status = (await cluster.GetAsync())!.Status;
        Same("slots covered", "16384/16384", status.SlotsCovered);
        Same("shards of the status", Text(spec.Wanted.Select(s => s.Name)), Text(status.Shards!.Select(s => s.Name)));
        Same("migrations", 0, status.Migrations?.Count ?? 0);
    }

    private void Topology(IList<V1Pod> pods, Dictionary<string, StormServer> servers)
    {
        var owned = SlotSet.Empty;
        foreach (var (shard, replicas) in spec.Wanted)
        {
            var members = Enumerable.Range(0, 1 + replicas).Select(i => $"{cluster.Name}-{shard}-{i}").ToList();
            var masters = members.Where(m => servers[m].IsMaster).ToList();
            Same($"masters of {shard}", 1, masters.Count);
            if (masters.Count != 1)
                continue;
            var master = servers[masters[0]];
            var slots = SlotSet.Of(master.Claims.Where(c => c[0] != '[').Select(c => SlotRange.TryParse(c, out var range, out _) ? range : throw new FormatException(c)));
            Same($"slots of {shard} that others have too", "", owned.Intersect(slots).ToString());
            owned = owned.Union(slots);
            if (spec.Count is { } count)
                Same($"{shard}'s share of the slots ({slots.Count})", true, slots.Count >= HashSlot.Count / count && slots.Count <= (HashSlot.Count / count) + 1);
            else
                Same($"slots of {shard}", spec.Shards.First(s => s.Name == shard).Slots.ToString(), slots.ToString());
            Same($"replicas {masters[0]} feeds", replicas, master.OnlineReplicas);
            foreach (var member in members)
            {
                Same($"who {member} follows", servers[member].IsMaster ? "-" : master.Id, servers[member].MasterId);
                Same($"label of {member}", servers[member].IsMaster ? "master" : "replica", pods.First(p => p.Name() == member).Metadata.Labels.TryGetValue(RoleLabel, out var label) ? label : "");
            }
        }

        Same("slots with an owner", HashSlot.Count, owned.Count);
    }

    private void Server(string pod, StormServer server, int pods)
    {
        Same($"nodes {pod} knows", pods, server.Nodes.Length);
        foreach (var node in server.Nodes.Where(n => n.Split(' ')[2] is var flags && (flags.Contains("fail", StringComparison.Ordinal) || flags.Contains("handshake", StringComparison.Ordinal) || flags.Contains("noaddr", StringComparison.Ordinal))))
            _differences.Add($"{pod} says: {node}");
        Same($"slots of {pod} on their way", "", string.Join(' ', server.Claims.Where(c => c[0] == '[')));
        if (!server.IsMaster)
            Same($"{pod}'s link", "up", server.Info["master_link_status"]);

        // Valkey 8 is played by Redis 7.0.
        var (engine, major) = spec.Version == "9.0" ? ("valkey_version", "9") : ("redis_version", spec.Version.StartsWith("8.6", StringComparison.Ordinal) ? "8" : "7");
        Same($"{pod}'s version", major, server.Info.GetValueOrDefault(engine, "").Split('.')[0]);
        Setting("cluster-node-timeout", spec.NodeTimeout.EndsWith("ms", StringComparison.Ordinal) ? spec.NodeTimeout[..^2] : spec.NodeTimeout[..^1] + "000");
        Setting("maxmemory", MemorySizing.For((long)spec.MemoryMi << 20, spec.MaxMemoryPercent).MaxMemory.ToString(CultureInfo.InvariantCulture));
        Setting("repl-backlog-size", MemorySizing.For((long)spec.MemoryMi << 20, spec.MaxMemoryPercent).ReplicationBacklog.ToString(CultureInfo.InvariantCulture));
        Setting("maxmemory-policy", spec.EvictionPolicy);
        Setting("min-replicas-to-write", spec.Bounded ? "1" : "0");
        Setting("appendonly", spec.Persistence == "AOF" ? "yes" : "no");
        Setting("save", spec.Persistence == "RDB" ? "3600 1 300 100 60 10000" : "");
        Setting("masterauth", password);
        Setting("tcp-keepalive", "60");
        foreach (var (name, usual) in ((string, string)[])[("hash-max-listpack-entries", "512"), ("slowlog-log-slower-than", "10000"), ("tcp-backlog", "511")])
            Setting(name, spec.Config.GetValueOrDefault(name, usual));

        void Setting(string name, string wanted) => Same($"{pod}'s {name}", wanted, server.Config.GetValueOrDefault(name));
    }

    private static string Text(IEnumerable<string> names) => string.Join(' ', names.Order(StringComparer.Ordinal));
}
