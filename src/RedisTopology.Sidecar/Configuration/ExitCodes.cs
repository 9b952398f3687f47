namespace RedisTopology.Sidecar.Configuration;

/// <summary>How the process ends.</summary>
internal static class ExitCodes
{
    /// <summary>Ended as asked.</summary>
    public const int Ok = 0;

    /// <summary>It could not start.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Some clients had not been answered when the time to drain was over.</summary>
    public const int CutOff = 3;

    /// <summary>All of them, for the documentation.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> All { get; } =
    [
        (Ok, "ended as asked, every client answered"),
        (Failed, "could not start, for example because an address is taken"),
        (Usage, "the command line or the configuration is wrong"),
        (CutOff, "ended as asked, but some clients had not been answered when `drain` was over"),
    ];
}
