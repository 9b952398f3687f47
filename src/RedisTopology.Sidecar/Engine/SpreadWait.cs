namespace RedisTopology.Sidecar.Engine;

/// <summary>A command that waits for keys in several slots: they are asked without waiting, in rounds. Between two rounds there is a pause of 10 ms, later of up to 100 ms.</summary>
/// <param name="until">When it gives up, in milliseconds; a time that is over: after the first round.</param>
internal abstract class SpreadWait(long until)
{
    private const int FirstPause = 10;
    private const int LongestPause = 100;

    private int _pause = FirstPause;

    /// <summary>When it gives up, in milliseconds.</summary>
    public long Until { get; private set; } = until;

    /// <summary>CLIENT UNBLOCK with ERROR has ended it.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>It has waited: its first round found nothing.</summary>
    public bool HasRested { get; private set; }

    /// <summary>When the keys are asked anew, in milliseconds; <see cref="long.MaxValue"/> while they are being asked.</summary>
    public long NextRound { get; private set; } = long.MaxValue;

    /// <summary>None of the keys has anything.</summary>
    /// <param name="now">The time, in milliseconds.</param>
    public void Rest(long now)
    {
        HasRested = true;
        NextRound = Math.Min(now + _pause, Until);
        _pause = Math.Min(_pause * 2, LongestPause);
    }

    /// <summary>It is not to wait any longer. What a round that is under way finds is given all the same: it may have been taken.</summary>
    /// <param name="refuse">The answer is an error, else that there is nothing.</param>
    public void Unblock(bool refuse) => (Until, IsRefused) = (0, refuse);

    /// <summary>A round begins.</summary>
    public void Begin() => NextRound = long.MaxValue;
}
