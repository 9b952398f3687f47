using RedisTopology.Sidecar.Commands;

namespace RedisTopology.Sidecar.Engine;

/// <summary>A command of a transaction that was queued in parts, one for each slot of its keys.</summary>
/// <param name="First">Where its first part is among what was queued; the others follow it.</param>
/// <param name="Count">How many parts there are.</param>
/// <param name="Merge">How their replies become one.</param>
/// <param name="PartOfKey">The part of each key, in the order of the keys.</param>
internal sealed record QueuedParts(int First, int Count, Merge Merge, int[] PartOfKey);
