using System.Collections.Concurrent;
using Hangfire;

namespace RedisTopology.Sidecar.Tests.Clients;

/// <summary>What the workers of <see cref="DotNetFrameworkTests"/> are given to do.</summary>
public static class HangfireJobs
{
    /// <summary>How often each job was carried out.</summary>
    public static ConcurrentDictionary<string, int> Done { get; } = new();

    /// <summary>A job.</summary>
    public static void Count(string what) => Done.AddOrUpdate(what, 1, (_, count) => count + 1);

    /// <summary>A job that fails the first time it is tried.</summary>
    [AutomaticRetry(Attempts = 3, DelaysInSeconds = [1])]
    public static void FailOnce(string what)
    {
        Count(what);
        if (Done[what] == 1)
            throw new InvalidOperationException("to be tried again");
    }
}
