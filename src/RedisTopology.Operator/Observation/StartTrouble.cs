using k8s.Models;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;

namespace RedisTopology.Operator.Observation;

/// <summary>
/// Why a pod's container is not started: a volume that cannot be mounted or attached, a network that cannot be made. The pod's status does not say, only its events do. They are asked for when a pod
/// waits for long, and not watched: a cluster's events are more than all its other objects.
/// </summary>
[EntityRbac(typeof(Corev1Event), Verbs = RbacVerb.List)]
internal sealed class StartTrouble(IKubernetesClient client, TimeProvider time)
{
    /// <summary>How long a pod may take to start without being asked about: most take a few seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>How long an answer is kept.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <summary>So many pods are asked about in one look; the others' turn comes.</summary>
    private const int AtOnce = 3;

    /// <summary>Adds to the trouble of pods that have waited for long what their latest warning says.</summary>
    /// <param name="observed">What was seen.</param>
    /// <param name="namespace">The cluster's namespace.</param>
    /// <param name="state">What is kept of the cluster.</param>
    /// <returns>The same, with more to say.</returns>
    public async Task<ObservedTopology> ExplainAsync(ObservedTopology observed, string @namespace, ClusterState state)
    {
        var waiting = observed.Pods.Where(p => p is { Starting: true, Node: null, Terminating: false } && p.SilentFor >= Patience).ToDictionary(p => p.Name, p => p.Uid);
        foreach (var gone in state.StartWarnings.Keys.Except(waiting.Values).ToList())
            state.StartWarnings.Remove(gone);
        if (waiting.Count == 0)
            return observed;
        var now = time.GetUtcNow();
        var due = waiting.Values.Where(uid => !state.StartWarnings.TryGetValue(uid, out var known) || now - known.Read >= Lifetime).Take(AtOnce);
        foreach (var (uid, warning) in await Task.WhenAll(due.Select(async uid => (uid, await WarningAsync(uid, @namespace)))))
            state.StartWarnings[uid] = (warning, now);
        return observed with { Pods = [.. observed.Pods.Select(p => waiting.ContainsKey(p.Name) && state.StartWarnings.GetValueOrDefault(p.Uid).Text is { } text ? p with { Trouble = $"{p.Trouble}; {text}" } : p)] };
    }

    private async Task<string?> WarningAsync(string uid, string @namespace)
    {
        try
        {
            var events = await client.ListAsync<Corev1Event>(@namespace, fieldSelector: $"involvedObject.uid={uid},type=Warning");
            return events.MaxBy(e => e.LastTimestamp ?? e.EventTime ?? e.Metadata.CreationTimestamp) is { } last ? $"{last.Reason}: {last.Message}" : null;
        }
        catch (Exception e) when (ApiFailures.IsOne(e))
        {
            // It is only advice; an account without this right is named by kubectl cache doctor.
            return null;
        }
    }
}
