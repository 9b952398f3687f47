namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>What one master has told its replicas under one replication id: a key written, or the complement of a key deleted. It goes on from where its parent was left.</summary>
internal sealed class ReplicationHistory(ReplicationHistory? parent, int start)
{
    private readonly List<int> _changes = [];

    public ReplicationHistory? Parent => parent;

    public int Start => start;

    public int this[int position] => position < start ? parent![position] : _changes[position - start];

    public void Add(int change) => _changes.Add(change);
}
