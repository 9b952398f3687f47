namespace RedisTopology.Sidecar.Configuration;

/// <summary>What becomes of a transaction (<c>MULTI</c> to <c>EXEC</c>) whose keys are in several slots.</summary>
public enum Transactions
{
    /// <summary>It is refused with <c>CROSSSLOT</c>, as by a cluster. The default.</summary>
    OneSlot,

    /// <summary>
    /// It is executed as one transaction for each slot, and the replies come as one: all or nothing holds for the keys of a slot, not for all. With <c>WATCH</c>
    /// the slots it watches come first, and the others only when none of its keys has changed.
    /// </summary>
    PerSlot,
}
