using System.Net;
using RedisTopology.Operator.Certificates;

namespace RedisTopology.Operator.Webhooks;

/// <summary>How sidecars are injected.</summary>
internal sealed record InjectionSettings
{
    /// <summary>The sidecar's image.</summary>
    public required string Image { get; init; }

    /// <summary>The namespace of the certificates' Secret.</summary>
    public required string Namespace { get; init; }

    /// <summary>The Secret the certificates are kept in, for all instances of the operator.</summary>
    public string Secret { get; init; } = "redis-topology-operator-webhook-certificates";

    /// <summary>The MutatingWebhookConfiguration whose <c>caBundle</c> is kept true. The rest of it belongs to whoever installed it.</summary>
    public string Configuration { get; init; } = "redis-topology-operator-webhook";

    /// <summary>The names, or addresses, the API server calls this by: those of the Service.</summary>
    public required IReadOnlyList<string> Hosts { get; init; }

    /// <summary>Where it listens. Any address by default: the API server calls from outside of the pod.</summary>
    public IPAddress Address { get; init; } = IPAddress.Any;

    /// <summary>The port; 0 for any free one. 9443.</summary>
    public int Port { get; init; } = 9443;

    /// <summary>How long certificates live.</summary>
    public CertificateLifetimes Lifetimes { get; init; } = new();

    /// <summary>What the certificates are for.</summary>
    public CertificateProfile Profile => new("redis-topology-operator-webhook", Hosts, Lifetimes);

    /// <summary>How often the Secret is looked at, while there is one. 30 s.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(30);
}
