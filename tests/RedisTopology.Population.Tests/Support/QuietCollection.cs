namespace RedisTopology.Population.Tests.Support;

/// <summary>What takes every core runs when nothing else does: others have servers to answer in time.</summary>
[CollectionDefinition(nameof(QuietCollection), DisableParallelization = true)]
public sealed class QuietCollection;
