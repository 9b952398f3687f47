using System.Globalization;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Operator.Entities;

namespace RedisTopology.Integration.Tests.Storm;

/// <summary>What was done when, and what the cluster said of itself meanwhile.</summary>
internal sealed class StormCourse
{
    private static readonly bool Print = Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_TEST_LOG") is { Length: > 0 };
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private string _last = "";

    /// <summary>Everything so far, a line for each.</summary>
    public string Text
    {
        get
        {
            lock (_lock)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>Seconds of the course until a timestamp.</summary>
    public double Seconds(long at) => TimeProvider.System.GetElapsedTime(_began, at).TotalSeconds;

    public void Say(string what)
    {
        // The time of day as well: the operator's log has it.
        var now = TimeProvider.System.GetUtcNow();
        var line = string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(_began).TotalSeconds,6:0.0} s {now:HH:mm:ss} {what}");
        lock (_lock)
            _lines.Add(line);
        if (Print)
            Console.Error.WriteLine(line);
    }

    /// <summary>Notes each change of the conditions until told to stop.</summary>
    /// <param name="cluster">Whose.</param>
    /// <param name="stop">Ends it.</param>
    public async Task WatchAsync(TestCluster cluster, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (await LookAsync(cluster) is { } look && look != _last)
                Say(_last = look);
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<string?> LookAsync(TestCluster cluster)
    {
        try
        {
            return await cluster.GetAsync() is { } now ? $"      {now.Status.Phase} {now.Status.ObservedGeneration}/{now.Metadata.Generation}, {now.Status.Ready}: {string.Join("; ", (now.Status.Conditions ?? []).Where(IsNews).Select(Brief))}" : null;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or System.Text.Json.JsonException)
        {
            return null;
        }
    }

    /// <summary>Those that say that something is going on or wrong.</summary>
    private static bool IsNews(StatusCondition condition) => condition.Status != (condition.Type is "Progressing" or "Degraded" ? "False" : "True");

    private static string Brief(StatusCondition condition) => $"{condition.Type}={condition.Status} {condition.Message}" is var text && text.Length > 240 ? text[..240] + "..." : text;
}
