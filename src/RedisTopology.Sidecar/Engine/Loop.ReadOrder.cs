using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Configuration;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// A read that went to a replica and the write that its client sends after it are on two connections, and the write may get to the replica first: the read would see its own future.
/// So such a write waits until its client's line is empty. It is rare: reads and writes of one slot in one pipeline.
/// </summary>
internal sealed unsafe partial class Loop
{
    // By slot: how many reads are under way to replicas, and their sum.
    private readonly int[] _atReplicas = new int[HashSlot.Count];
    private int _atReplicasInAll;

    // Whether a write of the slot might be seen by a read its client sent before it.
    private bool OvertakesRead(Client client, int slot) =>
        _atReplicasInAll > 0 && slot >= 0 && _atReplicas[slot] > 0 && _options.Consistency != Consistency.Eventual && ReadsAtReplica(client, slot);

    private void ReadsAtReplicas(int slot, int more)
    {
        _atReplicas[slot] += more;
        _atReplicasInAll += more;
    }

    private static bool ReadsAtReplica(Client client, int slot)
    {
        for (var request = client.Head; request is not null; request = request.ClientNext)
        {
            // Of what is in pieces, which slots they are of is not worth a search.
            if (!request.Has(RequestFlags.Done) && request.Has(RequestFlags.ReadOnly) && (request.Slot == slot || request.Has(RequestFlags.Parent)))
                return true;
        }

        return false;
    }

    private static bool WaitForLine(Client client)
    {
        client.WaitsForLine = true;
        return false;
    }
}
