namespace RedisTopology.Testing.Load;

/// <summary>A key with one writer: its value is at least <see cref="Low"/>, which was acknowledged, and at most <see cref="High"/>, which was attempted.</summary>
internal sealed class TrackedKey(string name, int slot)
{
    private long _low;

    public string Name => name;

    public int Slot => slot;

    /// <summary>The last value that was acknowledged; 0 before the first.</summary>
    public long Low
    {
        get => Volatile.Read(ref _low);
        set => Volatile.Write(ref _low, value);
    }

    /// <summary>The greatest value an attempt can have left. Read by the writer alone.</summary>
    public long High { get; set; }
}
