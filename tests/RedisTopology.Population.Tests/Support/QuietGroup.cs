namespace RedisTopology.Population.Tests.Support;

/// <summary>What takes every core runs when nothing else does: others have servers to answer in time.</summary>
[CollectionDefinition(nameof(QuietGroup), DisableParallelization = true)]
public sealed class QuietGroup;
