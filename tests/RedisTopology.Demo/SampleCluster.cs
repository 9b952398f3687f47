using System.Text;
using System.Text.Json;
using k8s;
using RedisTopology.Core.Hashing;
using RedisTopology.Core.Topology;
using RedisTopology.Kubernetes;
using RedisTopology.Operator.Entities;
using RedisTopology.Testing;

namespace RedisTopology.Demo;

/// <summary>The sample as the API server shows it.</summary>
internal sealed class SampleCluster(ControlPlane plane, string @namespace)
{
    /// <summary>Its name in config/samples/minimal.yaml.</summary>
    public const string Name = "blog-cache";

    /// <summary>Generous: pods may have to pull an image, and machines are busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Reads it.</summary>
    public async Task<CacheCluster> GetAsync(CancellationToken cancel)
    {
        var json = (JsonElement)await plane.Client.CustomObjects.GetNamespacedCustomObjectAsync(CacheCluster.GroupName, "v1alpha1", @namespace, "cacheclusters", Name, cancel);
        return json.Deserialize<CacheCluster>(ApiJson.Options)!;
    }

    /// <summary>Waits until it is as wanted.</summary>
    public Task<CacheCluster> UntilAsync(Func<CacheCluster, bool> condition, string expectation, CancellationToken cancel) => Eventually.ThatAsync(
        () => GetAsync(cancel),
        condition,
        Patience,
        interval: TimeSpan.FromMilliseconds(100),
        describe: c => $"phase {c.Status.Phase}, {c.Status.Ready} pods ready. {Condition(c, "Ready")}",
        ct: cancel,
        expectation: expectation);

    /// <summary>Whether every pod is in its role and nothing is left to do.</summary>
    public static bool IsReady(CacheCluster cluster) =>
        cluster.Status is { Phase: "Ready" } status && status.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true
        && status.Conditions.Any(c => c is { Type: "Progressing", Status: "False" });

    /// <summary>A key whose slot a shard serves.</summary>
    public static string KeyOf(ShardStatus shard)
    {
        var slots = SlotSet.Of(shard.Ranges!.Select(r => SlotRange.TryParse(r, out var range, out var error) ? range : throw new DemoException(error)));
        return Enumerable.Range(0, int.MaxValue).Select(i => $"probe:{i}").First(key => slots.Contains(HashSlot.Of(Encoding.UTF8.GetBytes(key))));
    }

    /// <summary>What was told about it, oldest first.</summary>
    public async Task<string> EventsAsync(CancellationToken cancel)
    {
        var events = await plane.Client.CoreV1.ListNamespacedEventAsync(@namespace, fieldSelector: $"involvedObject.kind=CacheCluster,involvedObject.name={Name}", cancellationToken: cancel);
        var rows = events.Items.OrderBy(e => e.LastTimestamp ?? e.EventTime ?? e.Metadata.CreationTimestamp).Select(e => $"{e.Type,-8} {e.Reason,-15} {e.Message}");
        return string.Join('\n', rows);
    }

    private static string? Condition(CacheCluster cluster, string type) => cluster.Status.Conditions?.FirstOrDefault(c => c.Type == type)?.Message;
}
