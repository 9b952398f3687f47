using System.Text.Json.Nodes;
using k8s.Models;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Tests.Cluster;

public sealed class SpecAcceptanceTests
{
    private static readonly CacheCluster Bad = TestClusters.Of(TestClusters.With(TestClusters.Even, "size.maxMemoryPercent", "5"));

    [Theory]
    [InlineData("ConfigMap")]
    [InlineData("Service")]
    public void A_process_that_sees_only_a_bad_spec_finds_the_last_good_one_on_either_object(string kind)
    {
        var (definition, manifests, errors) = Acceptance(kind).Decide(Bad, new ClusterState());
        Assert.Single(errors);
        Assert.Equal(70, definition!.Spec.Size.MaxMemoryPercent);
        Assert.NotEmpty(manifests);
    }

    [Fact]
    public void Where_neither_is_left_there_is_nothing_to_act_on() =>
        Assert.Null(Acceptance("").Decide(Bad, new ClusterState()).Definition);

    private static SpecAcceptance Acceptance(string kind)
    {
        var good = TestClusters.Of(TestClusters.Even);
        var (definition, _) = SpecValidator.Validate(good, null);
        var manifests = ClusterManifests.Build(definition!, System.Text.Json.JsonSerializer.Serialize(good.Spec, ApiJson.Options));
        return new SpecAcceptance(new OwnedObjectsByKind([new Cache("ConfigMap", kind, manifests), new Cache("Service", kind, manifests)]));
    }

    /// <summary>Objects as the cache has them: of their metadata only what the runtime needs, without annotations.</summary>
    private sealed class Cache(string kind, string present, IReadOnlyCollection<Manifest> manifests) : IOwnedObjects
    {
        public string Kind => kind;

        public (V1ObjectMeta Metadata, Func<JsonObject> Document)? Find(string @namespace, string name) =>
            kind == present && manifests.FirstOrDefault(m => m.Kind == kind && m.Name == name) is { } manifest
                ? (new V1ObjectMeta { Name = name, OwnerReferences = [new V1OwnerReference { Uid = Bad.Metadata.Uid, Controller = true }] }, () => manifest.Document)
                : null;

        public IEnumerable<(V1ObjectMeta Metadata, Func<JsonObject> Document)> OwnedBy(string uid) => [];

        public Task<(V1ObjectMeta Metadata, JsonObject Document)?> GetAsync(string @namespace, string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task ApplyAsync(JsonObject document, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeleteAsync(V1ObjectMeta live, string propagation, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
