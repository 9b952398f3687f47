namespace RedisTopology.Sidecar.Engine;

/// <summary>A socket of a loop.</summary>
internal abstract class Endpoint
{
    /// <summary>The descriptor; -1 once closed.</summary>
    public int Fd = -1;

    /// <summary>Told apart from an earlier user of the same descriptor: descriptors are used again at once.</summary>
    public uint Generation;

    /// <summary>What epoll watches it for.</summary>
    public int Interest;

    /// <summary>Stands in the list of those to be flushed at the end of the turn.</summary>
    public bool IsDirty;
}
