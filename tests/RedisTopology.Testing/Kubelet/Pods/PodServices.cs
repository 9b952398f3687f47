using k8s;
using Microsoft.Extensions.Logging;
using RedisTopology.Testing.Kubelet.Api;
using RedisTopology.Testing.Kubelet.Runtime;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>What every pod of a kubelet needs from its surroundings.</summary>
/// <param name="Client">The API server.</param>
/// <param name="Host">The box containers run in.</param>
/// <param name="Options">Behaviour.</param>
/// <param name="Events">Where events go.</param>
/// <param name="Log">Where failures that are nobody's answer go.</param>
internal sealed record PodServices(IKubernetes Client, RuntimeHost Host, ProcessKubeletOptions Options, EventRecorder Events, ILogger Log)
{
    /// <summary>The clock.</summary>
    public TimeProvider Clock => Options.Clock;

    /// <summary>Now, as the API writes it: whole seconds, UTC.</summary>
    public DateTime Now => ApiTime.Seconds(Options.Clock.GetUtcNow());
}
