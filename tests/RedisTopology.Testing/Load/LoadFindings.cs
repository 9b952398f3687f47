namespace RedisTopology.Testing.Load;

/// <summary>What the checkers of a load found, with the first cases in words.</summary>
internal sealed class LoadFindings
{
    private const int Kept = 12;
    private readonly Lock _lock = new();
    private readonly List<string> _examples = [];
    private readonly long _began = TimeProvider.System.GetTimestamp();

    public long Lost { get; private set; }

    public long OldLost { get; private set; }

    public int FalseNils { get; private set; }

    public int Stale { get; private set; }

    public int Doubled { get; private set; }

    public int Late { get; private set; }

    public int Errors { get; private set; }

    public IReadOnlyList<string> Examples => _examples;

    /// <summary>Acknowledged writes are gone.</summary>
    public void Lose(long writes, string what) => Note(() => Lost += writes, what);

    /// <summary>A key that was written before the load began is gone.</summary>
    public void LoseOld(string what) => Note(() => (Lost, OldLost) = (Lost + 1, OldLost + 1), what);

    /// <summary>A key that had been acknowledged read as missing.</summary>
    public void FalseNil(string what) => Note(() => FalseNils++, what);

    /// <summary>A read returned less than was acknowledged before it began.</summary>
    public void StaleRead(string what) => Note(() => Stale++, what);

    /// <summary>Something is there more often than it was written.</summary>
    public void Double(string what) => Note(() => Doubled++, what);

    /// <summary>A command was not answered within the deadline.</summary>
    public void TooLate(string what) => Note(() => Late++, what);

    /// <summary>An error reply that no retry mends.</summary>
    public void Error(string what) => Note(() => Errors++, what);

    private void Note(Action count, string what)
    {
        lock (_lock)
        {
            count();
            if (_examples.Count < Kept)
                _examples.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"at {TimeProvider.System.GetElapsedTime(_began).TotalSeconds:0.00} s: {what}"));
        }
    }
}
