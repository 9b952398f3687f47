using System.Collections.Immutable;

namespace RedisTopology.Core.Keys;

/// <summary>Where a key lives, and why. Made by <see cref="KeyLocator"/>.</summary>
public sealed record KeyLocation
{
    /// <summary>The key as applications write it through a sidecar or the client library.</summary>
    public required string LogicalKey { get; init; }

    /// <summary>The key as <c>redis-cli</c> sees it on the server.</summary>
    public required string PhysicalKey { get; init; }

    /// <summary>The pattern it matches; null with HashSlot, and for a key that matches none.</summary>
    public string? Pattern { get; init; }

    /// <summary>Its id; null where there is no <see cref="Pattern"/>.</summary>
    public long? Id { get; init; }

    /// <summary>The tablet of its id, 0..16383; null where there is no <see cref="Pattern"/>.</summary>
    public int? Tablet { get; init; }

    /// <summary>The ids of its tablet; null where there is no <see cref="Pattern"/>.</summary>
    public IdRange? TabletIds { get; init; }

    /// <summary>Its hash slot, 0..16383.</summary>
    public required int Slot { get; init; }

    /// <summary>The shard that serves the slot; null when none does.</summary>
    public ShardLocation? Shard { get; init; }

    /// <summary>Why it lives there: sentences in the order of the reasoning, from the key to the shard.</summary>
    public required ImmutableArray<string> Why { get; init; }
}
