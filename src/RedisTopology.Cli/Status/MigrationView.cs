namespace RedisTopology.Cli.Status;

/// <summary>Slots on their way from one shard to another.</summary>
internal sealed record MigrationView(string From, string To, string? Slots, long Moved, long Total);
