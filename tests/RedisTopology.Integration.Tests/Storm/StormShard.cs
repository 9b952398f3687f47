using RedisTopology.Core.Topology;

namespace RedisTopology.Integration.Tests.Storm;

/// <summary>A shard as a spec names it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Slots">Its ranges.</param>
/// <param name="Replicas">Its replicas, where they differ from the cluster's.</param>
internal sealed record StormShard(string Name, SlotSet Slots, int? Replicas = null)
{
    public override string ToString() =>
        $"{{name: {Name}, ranges: [{string.Join(", ", Slots.Ranges.Select(r => $"\"{r}\""))}]{(Replicas is { } own ? $", replicas: {own}" : "")}}}";
}
