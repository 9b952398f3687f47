using RedisTopology.Sidecar.Commands;

namespace RedisTopology.Sidecar.Engine;

/// <summary>A blocking pop whose keys are in several slots.</summary>
/// <param name="ask">The command that takes from one key without waiting.</param>
/// <param name="keys">The keys, as the servers have them, in the client's order.</param>
/// <param name="until">When it gives up, in milliseconds.</param>
internal sealed class SpreadPop(CommandInfo ask, byte[][] keys, long until)
{
    private const int FirstPause = 10;
    private const int LongestPause = 100;

    private int _pause = FirstPause;

    /// <summary>The command that takes from one key without waiting.</summary>
    public CommandInfo Ask => ask;

    /// <summary>The keys.</summary>
    public byte[][] Keys => keys;

    /// <summary>When it gives up, in milliseconds.</summary>
    public long Until => until;

    /// <summary>Which key is asked, or will be next.</summary>
    public int Next { get; set; }

    /// <summary>When the keys are asked anew, in milliseconds; <see cref="long.MaxValue"/> while they are being asked.</summary>
    public long NextRound { get; private set; } = long.MaxValue;

    /// <summary>None of the keys has anything.</summary>
    /// <param name="now">The time, in milliseconds.</param>
    public void Rest(long now)
    {
        (Next, NextRound) = (0, Math.Min(now + _pause, until));
        _pause = Math.Min(_pause * 2, LongestPause);
    }

    /// <summary>A round begins.</summary>
    public void Begin() => NextRound = long.MaxValue;
}
