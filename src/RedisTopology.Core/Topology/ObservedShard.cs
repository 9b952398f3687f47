namespace RedisTopology.Core.Topology;

/// <summary>A shard's StatefulSet.</summary>
/// <param name="Name">The shard's name.</param>
/// <param name="Pods">The number of pods its StatefulSet asks for.</param>
public sealed record ObservedShard(string Name, int Pods)
{
    /// <summary>How long this operator process has seen fewer pods than the StatefulSet asks for: they cannot be created (a quota). Zero while all exist.</summary>
    public TimeSpan ShortFor { get; init; }

    /// <summary>The StatefulSet's uid; empty when it is not known.</summary>
    public string Uid { get; init; } = "";

    /// <summary>Why those pods are not created; null when nothing is known.</summary>
    public string? Trouble { get; init; }
}
