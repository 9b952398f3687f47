namespace RedisTopology.Core.Topology;

/// <summary>An atomic slot migration that a server says is under way.</summary>
/// <param name="Id">The engine's name for it.</param>
/// <param name="SourceId">Node id of the server that hands over.</param>
/// <param name="TargetId">Node id of the server that receives.</param>
/// <param name="Slots">The slots.</param>
public sealed record SlotMigrationJob(string Id, string SourceId, string TargetId, SlotSet Slots);
