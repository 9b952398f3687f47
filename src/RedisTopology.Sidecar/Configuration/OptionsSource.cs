namespace RedisTopology.Sidecar.Configuration;

/// <summary>The options in force. A reload replaces them as a whole; readers take <see cref="Current"/> anew each time they begin something.</summary>
public sealed class OptionsSource(SidecarOptions initial)
{
    private volatile SidecarOptions _current = initial;

    /// <summary>The options in force.</summary>
    public SidecarOptions Current => _current;

    /// <summary>The servers' password, whatever file the options name.</summary>
    public ServerPassword Password { get; } = new();

    /// <summary>Replaces the options.</summary>
    /// <param name="options">Options that have been checked.</param>
    public void Replace(SidecarOptions options) => _current = options;
}
