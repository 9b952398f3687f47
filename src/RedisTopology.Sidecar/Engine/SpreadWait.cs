namespace RedisTopology.Sidecar.Engine;

/// <summary>A command that waits for keys in several slots: they are asked without waiting, in rounds. Between two rounds there is a pause of 10 ms, later of up to 100 ms.</summary>
/// <param name="until">When it gives up, in milliseconds; a time that is over: after the first round.</param>
internal abstract class SpreadWait(long until)
{
    private const int FirstPause = 10;
    private const int LongestPause = 100;

    private int _pause = FirstPause;

    /// <summary>When it gives up, in milliseconds.</summary>
    public long Until => until;

    /// <summary>When the keys are asked anew, in milliseconds; <see cref="long.MaxValue"/> while they are being asked.</summary>
    public long NextRound { get; private set; } = long.MaxValue;

    /// <summary>None of the keys has anything.</summary>
    /// <param name="now">The time, in milliseconds.</param>
    public void Rest(long now)
    {
        NextRound = Math.Min(now + _pause, until);
        _pause = Math.Min(_pause * 2, LongestPause);
    }

    /// <summary>A round begins.</summary>
    public void Begin() => NextRound = long.MaxValue;
}
