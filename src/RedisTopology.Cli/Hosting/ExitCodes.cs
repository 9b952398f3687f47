namespace RedisTopology.Cli.Hosting;

/// <summary>What the process ends with; scripts may rely on them.</summary>
internal static class ExitCodes
{
    /// <summary>Done, and what was looked at is well.</summary>
    public const int Done = 0;

    /// <summary>It ran and found, or met, a problem: a check of <c>doctor</c> failed, an order was not carried out.</summary>
    public const int Problem = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The API server does not answer, or does not allow it.</summary>
    public const int Unreachable = 3;

    /// <summary>The CacheCluster, shard or file that was named is not there.</summary>
    public const int NotFound = 4;

    /// <summary>Ended by Ctrl-C.</summary>
    public const int Interrupted = 130;

    /// <summary>The lines of <c>--help</c>.</summary>
    public const string Help = """
        Exit codes:
          0    done
          1    a problem was found or met: a check failed, an order was not carried out
          2    the command line is wrong
          3    the API server does not answer, or does not allow it
          4    what was named is not there
          130  interrupted
        """;
}
