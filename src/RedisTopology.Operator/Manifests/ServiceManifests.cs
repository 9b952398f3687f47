using k8s.Models;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Manifests;

/// <summary>The Services of a cluster.</summary>
internal static class ServiceManifests
{
    /// <summary>
    /// The Service behind the pods' hostnames. It publishes pods that are not ready: a forming cluster needs its nodes to find each other before any is.
    /// </summary>
    public static V1Service Headless(ClusterDefinition definition, ResourceNames names, string acceptedSpec) => new()
    {
        Metadata = ClusterManifests.Remembering(definition, names.NodesService, acceptedSpec),
        Spec = new V1ServiceSpec
        {
            ClusterIP = "None",
            PublishNotReadyAddresses = true,
            Selector = Labels.Selector(definition.Name),
            Ports = [Port("redis", StatefulSetManifest.RedisPort), Port("bus", StatefulSetManifest.BusPort)],
        },
    };

    public static V1Service ClusterIP(ClusterDefinition definition, string name, IDictionary<string, string> selector, string? shard = null) => new()
    {
        Metadata = ClusterManifests.Meta(definition, name, shard),
        Spec = new V1ServiceSpec
        {
            Type = "ClusterIP",
            Selector = selector,
            Ports = [Port("redis", StatefulSetManifest.RedisPort)],
        },
    };

    private static V1ServicePort Port(string name, int port) => new() { Name = name, Port = port, Protocol = "TCP", TargetPort = name };
}
