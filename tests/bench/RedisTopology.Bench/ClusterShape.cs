using System.Globalization;

namespace RedisTopology.Bench;

/// <summary>Shards and replicas of each.</summary>
internal readonly record struct ClusterShape(int Shards, int Replicas)
{
    public int Pods => Shards * (Replicas + 1);

    /// <summary>Reads <c>3x2</c>.</summary>
    public static ClusterShape Parse(string text) => text.Split('x') is [var shards, var replicas]
        ? new(int.Parse(shards, CultureInfo.InvariantCulture), int.Parse(replicas, CultureInfo.InvariantCulture))
        : throw new FormatException($"\"{text}\" is not shards x replicas, for example 3x2");

    public override string ToString() => $"{Shards}x{Replicas}";
}
