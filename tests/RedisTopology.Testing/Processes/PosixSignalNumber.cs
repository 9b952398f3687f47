namespace RedisTopology.Testing;

/// <summary>Linux signal numbers (<c>signal(7)</c>, x86 and arm).</summary>
public enum PosixSignalNumber
{
    /// <summary>No signal: only asks whether the process exists.</summary>
    None = 0,

    /// <summary>SIGINT.</summary>
    Interrupt = 2,

    /// <summary>SIGKILL: cannot be caught.</summary>
    Kill = 9,

    /// <summary>SIGTERM: please stop.</summary>
    Term = 15,

    /// <summary>SIGCONT: goes on after SIGSTOP.</summary>
    Cont = 18,

    /// <summary>SIGSTOP: frozen, cannot be caught.</summary>
    Stop = 19,
}
