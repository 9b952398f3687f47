using System.Text.Json.Nodes;
using k8s.Models;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Observation;

namespace RedisTopology.Operator.Tests.Observation;

/// <summary>A StatefulSet that this process has just made, and the cache does not show.</summary>
public sealed class PodFinderTests
{
    /// <summary>The spec does not name it any more: it is a shard that is to go, not one that never was (seed 231964151 of the simulation).</summary>
    [Theory]
    [InlineData("there", 2, true)]
    [InlineData("gone", 0, false)]
    [InlineData("no answer", 3, true)]
    public async Task Is_there_as_the_API_server_says(string answer, int pods, bool remembered)
    {
        var definition = TestClusters.Define(TestClusters.Even);
        var state = new ClusterState { MadeShards = { ["old"] = 3 } };
        var finder = new PodFinder(new EmptyCache<PodView>(), new EmptyCache<NodeView>(), new OwnedObjectsByKind([new Sets(answer)]), new Everything(), TimeProvider.System);
        var (shards, found) = await finder.FindAsync(definition, state);
        Assert.Equal(pods == 0 ? [] : [("old", pods)], shards.Select(s => (s.Name, s.Pods)));
        Assert.Empty(found);
        Assert.Equal(remembered, state.MadeShards.ContainsKey("old"));
    }

    private sealed class Sets(string answer) : IOwnedObjects
    {
        public string Kind => "StatefulSet";

        public (V1ObjectMeta Metadata, Func<JsonObject> Document)? Find(string @namespace, string name) => null;

        public IEnumerable<(V1ObjectMeta Metadata, Func<JsonObject> Document)> OwnedBy(string uid) => [];

        public Task<(V1ObjectMeta Metadata, JsonObject Document)?> GetAsync(string @namespace, string name, CancellationToken cancellationToken) => answer switch
        {
            "there" => Task.FromResult<(V1ObjectMeta, JsonObject)?>((new V1ObjectMeta { Name = name }, new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 2 } })),
            "gone" => Task.FromResult<(V1ObjectMeta, JsonObject)?>(null),
            _ => throw new HttpRequestException(answer),
        };

        public Task ApplyAsync(JsonObject document, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeleteAsync(V1ObjectMeta live, string propagation, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class Everything : IApiCapabilities
    {
        public Task<bool> ServesAsync(string group, string version, string resource, CancellationToken cancellationToken = default) => Task.FromResult(true);

        public Task<V1APIResource?> FindAsync(string group, string version, string resource, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public void Invalidate(string group, string version) => throw new NotSupportedException();
    }
}
