using System.Collections.Immutable;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Configuration;
using StackExchange.Redis;

namespace RedisTopology.Operator.Observation;

/// <summary>What of a server's settings is not as it should be.</summary>
internal static class SettingDrift
{
    /// <summary>Compares.</summary>
    /// <param name="wanted">The settings wanted.</param>
    /// <param name="reply">The reply to <c>CONFIG GET</c> of their names.</param>
    /// <param name="state">What is kept of the cluster: how servers write values that they took.</param>
    /// <returns>Those that differ, with the values they should have. One the server does not have is not among them.</returns>
    public static ImmutableSortedDictionary<string, string> Of(ImmutableSortedDictionary<string, string> wanted, RedisResult reply, ClusterState state)
    {
        var drift = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, actual) in Read(reply))
        {
            if (wanted.TryGetValue(name, out var value) && !SettingValue.Same(name, value, actual) && state.Spellings.GetValueOrDefault((name, value)) != actual)
                drift[name] = value;
        }

        return drift.ToImmutable();
    }

    /// <summary>Reads a reply to <c>CONFIG GET</c>.</summary>
    /// <param name="reply">Names and values in turn.</param>
    /// <returns>The pairs.</returns>
    public static IEnumerable<(string Name, string Value)> Read(RedisResult reply) =>
        ((string?[])reply!).Chunk(2).Where(p => p.Length == 2).Select(p => (p[0] ?? "", p[1] ?? ""));
}
