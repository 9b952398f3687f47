using System.Globalization;
using RedisTopology.Bench.Harness;
using RedisTopology.Testing.Kubelet;

namespace RedisTopology.Bench.SteadyState;

/// <summary>Commands processed by all servers of a cluster, by name, as the servers themselves count them (<c>INFO commandstats</c>).</summary>
internal sealed class CommandCounts
{
    private CommandCounts(IReadOnlyDictionary<string, double> byCommand) => ByCommand = byCommand;

    public IReadOnlyDictionary<string, double> ByCommand { get; }

    public double Total => ByCommand.Values.Sum();

    public static async Task<CommandCounts> ReadAsync(ProcessKubelet kubelet, BenchCluster cluster, CancellationToken cancel)
    {
        var sums = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var pod in kubelet.Pods.Where(p => p.Namespace == cluster.Namespace))
        {
            var result = await kubelet.ExecAsync($"{pod.Namespace}/{pod.Name}", "redis", ["sh", "-c", "REDISCLI_AUTH=$(cat /auth/password) redis-cli info commandstats"], cancel);

            // cmdstat_cluster|nodes:calls=12,usec=...
            foreach (var line in result.Stdout.Split('\n').Where(l => l.StartsWith("cmdstat_", StringComparison.Ordinal)))
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                var calls = line[(colon + 1)..].Split(',')[0]["calls=".Length..];
                var name = line["cmdstat_".Length..colon];
                sums[name] = sums.GetValueOrDefault(name) + double.Parse(calls, CultureInfo.InvariantCulture);
            }
        }

        return new CommandCounts(sums);
    }

    /// <summary>Calls per second since an earlier count.</summary>
    public CommandCounts RateSince(CommandCounts earlier, TimeSpan time) =>
        new(ByCommand.ToDictionary(c => c.Key, c => (c.Value - earlier.ByCommand.GetValueOrDefault(c.Key)) / time.TotalSeconds));

    /// <summary>What exceeds another rate.</summary>
    public CommandCounts Beyond(CommandCounts other) =>
        new(ByCommand.Select(c => KeyValuePair.Create(c.Key, c.Value - other.ByCommand.GetValueOrDefault(c.Key))).ToDictionary());
}
