using System.Net;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Tests.Topology;

/// <summary>A topology of one shard, with a master and a replica in sync, that owns the first slots.</summary>
internal sealed class FixedTopology : ITopology
{
    /// <summary>Makes it.</summary>
    /// <param name="slots">How many slots have an owner; negative: nothing is known.</param>
    public FixedTopology(int slots)
    {
        var shard = new Shard(0, new Node(0, "127.0.0.1", new IPEndPoint(IPAddress.Loopback, 7000)), [new Node(1, "127.0.0.1", new IPEndPoint(IPAddress.Loopback, 7001)) { InSync = true }]);
        var bySlot = new Shard?[HashSlot.Count];
        Array.Fill(bySlot, shard, 0, Math.Max(slots, 0));
        Current = slots < 0 ? ClusterMap.Empty : new ClusterMap(7, [shard], bySlot);
    }

    public ClusterMap Current { get; }

    public void Refresh(string why) => throw new NotSupportedException();

    public Node? At(string host, int port, Node from) => throw new NotSupportedException();
}
