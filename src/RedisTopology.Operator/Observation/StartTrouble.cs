using k8s.Models;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;

namespace RedisTopology.Operator.Observation;

/// <summary>
/// Why a pod's container is not started (a volume that cannot be mounted or attached, a network that cannot be made), and why a pod is not even created (a quota, an admission webhook, a missing
/// ServiceAccount). The status of the pod, or of its StatefulSet, does not say, only its events do. They are asked for when something waits for long, and not watched: a cluster's events are more than all
/// its other objects.
/// </summary>
[EntityRbac(typeof(Corev1Event), Verbs = RbacVerb.List)]
internal sealed class StartTrouble(IKubernetesClient client, TimeProvider time)
{
    /// <summary>How long a pod may take to be created, or to start, without being asked about: most take a few seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>How long an answer is kept.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <summary>How long an answer is waited for: it is only advice, and the look it is for is not to be late by it.</summary>
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    /// <summary>So many are asked about in one look; the others' turn comes.</summary>
    private const int AtOnce = 3;

    /// <summary>Adds to the trouble of pods and shards that have waited for long what their events say.</summary>
    /// <param name="observed">What was seen.</param>
    /// <param name="namespace">The cluster's namespace.</param>
    /// <param name="state">What is kept of the cluster.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The same, with more to say.</returns>
    public async Task<ObservedTopology> ExplainAsync(ObservedTopology observed, string @namespace, ClusterState state, CancellationToken cancellationToken)
    {
        var pods = observed.Pods.Where(p => p is { Starting: true, Node: null, Terminating: false } && p.SilentFor >= Patience).Select(p => p.Uid).ToHashSet();
        var sets = observed.Shards.Where(s => s is { ShortFor: var since, Uid.Length: > 0 } && since >= Patience).Select(s => s.Uid).ToHashSet();
        foreach (var gone in state.StartWarnings.Keys.Where(uid => !pods.Contains(uid) && !sets.Contains(uid)).ToList())
            state.StartWarnings.Remove(gone);
        var now = time.GetUtcNow();
        var due = sets.Concat(pods).Where(uid => !state.StartWarnings.TryGetValue(uid, out var known) || now - known.Read >= Lifetime).Take(AtOnce);
        foreach (var (uid, warning) in await Task.WhenAll(due.Select(async uid => (uid, await WarningAsync(uid, @namespace, sets.Contains(uid), cancellationToken)))))
            state.StartWarnings[uid] = (warning, now);
        return observed with
        {
            Pods = [.. observed.Pods.Select(p => Of(p.Uid) is { } text ? p with { Trouble = $"{p.Trouble}; {text}" } : p)],
            Shards = [.. observed.Shards.Select(s => Of(s.Uid) is { } text ? s with { Trouble = text } : s)],
        };

        string? Of(string uid) => state.StartWarnings.GetValueOrDefault(uid).Text;
    }

    /// <summary>The latest warning about an object.</summary>
    /// <param name="uid">The object.</param>
    /// <param name="namespace">Its namespace.</param>
    /// <param name="isSet">Whether it is a StatefulSet: of these a later event that is no warning tells that the trouble is over, while a pod has many that tell nothing.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    private async Task<string?> WarningAsync(string uid, string @namespace, bool isSet, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(AnswerWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var events = await client.ListAsync<Corev1Event>(@namespace, fieldSelector: $"involvedObject.uid={uid}{(isSet ? "" : ",type=Warning")}", cancellationToken: either.Token);
            // Their times are whole seconds; of a success and a failure in the same one the failure is why a pod is missing.
            return events.OrderBy(e => e.LastTimestamp ?? e.EventTime ?? e.Metadata.CreationTimestamp).ThenBy(e => e.Type == "Warning").LastOrDefault() is { Type: "Warning" } last
                ? $"{last.Reason}: {last.Message}"
                : null;
        }
        catch (Exception e) when (ApiFailures.IsOne(e, cancellationToken))
        {
            // It is only advice; an account without this right is named by kubectl cache doctor.
            return null;
        }
    }
}
