using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace RedisTopology.Integration.Tests;

/// <summary>1, 2, 3 and 6 shards, each with 0, 1 and 2 replicas.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CombinatorialShapesAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. from shards in new[] { 1, 2, 3, 6 } from replicas in new[] { 0, 1, 2 } select new TheoryDataRow<int, int>(shards, replicas)]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
