using System.Text.Json.Nodes;
using k8s.Models;

namespace RedisTopology.Kubernetes.Tests.Client;

public sealed class ApplyDocumentTests
{
    [Fact]
    public void The_object_goes_without_status_and_server_owned_metadata()
    {
        var set = new V1StatefulSet
        {
            Metadata = new()
            {
                Name = "a",
                NamespaceProperty = "ns",
                ResourceVersion = "5",
                Uid = "u",
                Generation = 3,
                CreationTimestamp = DateTime.UnixEpoch,
                ManagedFields = [new() { Manager = "x" }],
                Labels = new Dictionary<string, string> { ["k"] = "v" },
            },
            Spec = new() { ServiceName = "s", Selector = new(), Template = new() },
            Status = new() { Replicas = 0 },
        };

        var document = ApplyDocument.From(set);

        Assert.Equal("""{"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"labels":{"k":"v"},"name":"a","namespace":"ns"},"spec":{"selector":{},"serviceName":"s","template":{}}}""", document.ToJsonString());
        Assert.Equal("5", set.Metadata.ResourceVersion);
    }

    [Fact]
    public void The_status_goes_alone()
    {
        var pod = new V1Pod
        {
            Metadata = new() { Name = "a", NamespaceProperty = "ns", Labels = new Dictionary<string, string> { ["k"] = "v" } },
            Spec = new() { Containers = [] },
            Status = new() { Phase = "Running" },
        };

        Assert.Equal("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"ns"},"status":{"phase":"Running"}}""", ApplyDocument.From(pod, "status").ToJsonString());
    }

    [Fact]
    public void A_time_never_set_is_not_sent()
    {
        var document = ApplyDocument.From(
            JsonNode.Parse("""{"metadata":{"name":"a"},"status":{"conditions":[{"type":"Ready","lastTransitionTime":"0001-01-01T00:00:00Z","reason":null}]}}""")!.AsObject(),
            EntityMetadata.Of<V1Pod>(), "status");

        Assert.Equal("""[{"type":"Ready"}]""", document["status"]!["conditions"]!.ToJsonString());
    }

    [Fact]
    public void A_name_is_needed() => Assert.Throws<ArgumentException>(() => ApplyDocument.From(new V1Pod { Metadata = new() }));
}
