namespace RedisTopology.Cli.Status;

/// <summary>One shard.</summary>
internal sealed record ShardView
{
    public required string Name { get; init; }

    /// <summary>The ranges its master serves.</summary>
    public required string Ranges { get; init; }

    public required int Slots { get; init; }

    /// <summary>Pods in their role, of those wanted.</summary>
    public string? Ready { get; init; }

    /// <summary>Its pods, the master first.</summary>
    public required IReadOnlyList<ServerView> Servers { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public ServerView? Master => Servers.FirstOrDefault(s => s.Role == "master");
}
