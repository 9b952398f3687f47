namespace RedisTopology.Testing.Load;

/// <summary>How a master is lost.</summary>
public enum MasterLoss
{
    /// <summary>kill -9: its connections are reset, new ones refused.</summary>
    Killed,

    /// <summary>SIGSTOP: its connections stay open, new ones are accepted by the kernel, nothing answers.</summary>
    Frozen,

    /// <summary>Packets from and to it vanish (<see cref="BlackHole"/>).</summary>
    CutOff,
}
