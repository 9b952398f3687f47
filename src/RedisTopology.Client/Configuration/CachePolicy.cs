using RedisTopology.Population;

namespace RedisTopology.Client;

/// <summary>A policy by its name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Population">How its keys are populated.</param>
/// <param name="LocalTtl">How long a value is kept in this process too; zero: not at all.</param>
internal sealed record CachePolicy(string Name, PopulationPolicy Population, TimeSpan LocalTtl);
