using RedisTopology.Core.Topology;

namespace RedisTopology.Operator.Redis;

/// <summary>An atomic slot migration as a server tells of it.</summary>
/// <param name="Job">The migration.</param>
/// <param name="State">What has become of it.</param>
/// <param name="Error">What went wrong, at last; null when nothing did.</param>
internal sealed record JobReport(SlotMigrationJob Job, JobState State, string? Error);
