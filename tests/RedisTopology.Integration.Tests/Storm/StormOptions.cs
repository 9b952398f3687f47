namespace RedisTopology.Integration.Tests.Storm;

/// <summary>What kind of storm.</summary>
/// <param name="Seed">Of everything that is chosen; when things happen in the cluster is not.</param>
internal sealed record StormOptions(int Seed)
{
    /// <summary>Rounds of edits on one cluster, each of which is waited for.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>Edits and events of a round at most.</summary>
    public int Most { get; init; } = 7;

    /// <summary>Whether servers are killed, frozen and cut off without a word. What a master had not passed on is lost then.</summary>
    public bool Faults { get; init; }

    /// <summary>Redis or Valkey, and after a space the version to begin with where it is not the oldest (<c>Valkey 9.0</c>); null for either.</summary>
    public string? Engine { get; init; }

    /// <summary>Whether clients write through a sidecar too.</summary>
    public bool Sidecar { get; init; }

    /// <summary>Where sidecars read, whatever an edit says; null for what edits say.</summary>
    public string? ReadFrom { get; init; }

    /// <summary>How long the cluster may take to what was written last.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);
}
