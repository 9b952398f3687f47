namespace RedisTopology.Testing.Kubelet;

/// <summary>Which free address a new pod gets.</summary>
public enum PodIpReuse
{
    /// <summary>The least recently freed one: an address comes back only after all others were used (default).</summary>
    Late,

    /// <summary>The most recently freed one: forces the recycled addresses that make clusters merge by accident.</summary>
    Immediate,
}
