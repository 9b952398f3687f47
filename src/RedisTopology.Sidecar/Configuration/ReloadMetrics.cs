namespace RedisTopology.Sidecar.Configuration;

/// <summary>How reloading the configuration went. Written by <see cref="OptionsWatcher"/> alone, read by anyone.</summary>
public sealed class ReloadMetrics
{
    private long _succeeded, _failed, _lastSuccess;
    private volatile bool _isFailed, _needsRestart;

    /// <summary>Changes of the file that were taken up.</summary>
    public long Succeeded
    {
        get => Volatile.Read(ref _succeeded);
        set => Volatile.Write(ref _succeeded, value);
    }

    /// <summary>Changes of the file that were refused.</summary>
    public long Failed
    {
        get => Volatile.Read(ref _failed);
        set => Volatile.Write(ref _failed, value);
    }

    /// <summary>When the file was last read and found valid, in seconds since 1970.</summary>
    public long LastSuccess
    {
        get => Volatile.Read(ref _lastSuccess);
        set => Volatile.Write(ref _lastSuccess, value);
    }

    /// <summary>Whether the file is invalid now, and the options before it are in force.</summary>
    public bool IsFailed
    {
        get => _isFailed;
        set => _isFailed = value;
    }

    /// <summary>Whether the file has values that a new process alone takes up.</summary>
    public bool NeedsRestart
    {
        get => _needsRestart;
        set => _needsRestart = value;
    }
}
