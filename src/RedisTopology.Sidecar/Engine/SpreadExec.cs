namespace RedisTopology.Sidecar.Engine;

/// <summary>A transaction over several slots that is being executed.</summary>
/// <param name="transaction">What was queued.</param>
/// <param name="watched">How many of its slots are watched: they come first.</param>
internal sealed class SpreadExec(Transaction transaction, int watched)
{
    /// <summary>What was queued.</summary>
    public Transaction Transaction => transaction;

    /// <summary>How many of its slots are watched.</summary>
    public int Watched => watched;

    /// <summary>The slot of each piece. One that is watched may have no commands.</summary>
    public List<int> Slots { get; } = [];

    /// <summary>The piece whose turn it is.</summary>
    public int Next { get; set; }

    /// <summary>Commands have been executed.</summary>
    public bool HasExecuted { get; set; }
}
