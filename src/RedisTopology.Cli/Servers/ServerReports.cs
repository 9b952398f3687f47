namespace RedisTopology.Cli.Servers;

/// <summary>What the servers of a cluster answered.</summary>
/// <param name="ByPod">The reports, by pod.</param>
/// <param name="Silent">Why the others did not answer, by pod.</param>
internal sealed record ServerReports(IReadOnlyDictionary<string, ServerReport> ByPod, IReadOnlyDictionary<string, string> Silent)
{
    /// <summary>Nobody was asked.</summary>
    public static ServerReports None { get; } = new(new Dictionary<string, ServerReport>(), new Dictionary<string, string>());

    /// <summary>Why there are no reports at all, where one reason holds for every pod; null when some answered or none was asked.</summary>
    public string? WhyNone => ByPod.Count == 0 && Silent.Count > 0 ? string.Join("; ", Silent.Values.Distinct().Take(2)) : null;
}
