using System.Collections.Immutable;
using k8s.Models;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Certificates;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Observation;
using RedisTopology.Operator.Passwords;
using RedisTopology.Operator.Redis;
using RedisTopology.Operator.Status;
using RedisTopology.Operator.Steps;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Controllers;

/// <summary>
/// Brings one CacheCluster closer to its spec: observe, plan, apply, report. It remembers nothing that it could not see again, so it may be stopped after
/// any line and carried on by another process. There is no finalizer: everything a cluster owns is removed by Kubernetes itself, with or without an operator.
/// </summary>
[EntityRbac(typeof(CacheCluster), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
// Owner references with blockOwnerDeletion need it where OwnerReferencesPermissionEnforcement is on (OpenShift).
[EntityRbac(typeof(CacheCluster), Subresources = ["finalizers"], Verbs = RbacVerb.Update)]
[EntityRbac(typeof(V1Node), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
internal sealed class CacheClusterController(
    ClusterStates states,
    SpecAcceptance acceptance,
    ClusterSecrets secrets,
    ClusterCertificates certificates,
    CertificateSettings settings,
    LeavingShards leaving,
    ClusterObserver observer,
    StepRunner runner,
    StatusReporter reporter,
    RedisConnections connections,
    ClusterMetrics metrics,
    TimeProvider time) : IEntityController<CacheCluster>
{
    /// <summary>After steps were taken: soon enough to see what came of them.</summary>
    private static readonly TimeSpan AfterSteps = TimeSpan.FromMilliseconds(150);

    /// <summary>Between two slices of moving slots.</summary>
    private static readonly TimeSpan Interrupted = TimeSpan.FromMilliseconds(10);

    /// <summary>While something is waited for, at first; watches and the monitor usually bring the news earlier.</summary>
    private static readonly TimeSpan WhileWaiting = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The part of the time in which nothing has changed that may pass until the next look: what has taken a minute is seen at most six seconds late, and a thousand
    /// clusters that are down for the night are not looked at a thousand times a second.
    /// </summary>
    private const double Patience = 0.1;

    /// <summary>A full look at a cluster in which nothing happens.</summary>
    private static readonly TimeSpan WhenSettled = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public async Task<ReconciliationResult<CacheCluster>> ReconcileAsync(CacheCluster entity, CancellationToken cancellationToken)
    {
        var state = states.Of(ObjectKey.Of(entity), entity.Metadata.Uid);
        var (definition, manifests, problems) = acceptance.Decide(entity, state);
        if (definition is null)
        {
            await reporter.ReportAsync(new Report(entity, null, null, null, problems, null), state, cancellationToken);
            return ReconciliationResult<CacheCluster>.Success(entity);
        }

        var (passwords, wish, trouble) = await PasswordsAsync(entity, definition, state, cancellationToken);
        problems = trouble is null ? problems : [.. problems, trouble];
        if (passwords is null)
        {
            await reporter.ReportAsync(new Report(entity, definition, null, null, problems, null), state, cancellationToken);
            return ReconciliationResult<CacheCluster>.Success(entity, WhileWaiting);
        }

        var (kept, wanted, unusable) = await CertificatesAsync(entity, definition, state, cancellationToken);
        problems = unusable is null ? problems : [.. problems, unusable];
        if (definition.Spec.Tls.Enabled && kept is null)
        {
            await reporter.ReportAsync(new Report(entity, definition, null, null, problems, null), state, cancellationToken);
            return ReconciliationResult<CacheCluster>.Success(entity, WhileWaiting);
        }

        if (state.Authorities != (kept?.Authorities ?? ""))
        {
            // Clients are told of them by an object of the cluster.
            (state.Authorities, state.Built) = (kept?.Authorities ?? "", null);
            var again = acceptance.Decide(entity, state);
            (definition, manifests) = (again.Definition!, again.Manifests);
        }

        manifests = manifests.AddRange(leaving.Of(definition));
        var observed = await observer.ObserveAsync(definition, manifests, passwords, kept, state, cancellationToken);
        state.PodsWait = observed.Pods.Any(p => p is { Address: null, Unschedulable: false, Terminating: false });
        state.PasswordChange = PasswordRotation.Next(passwords, wish!, observed.Pods, time.GetUtcNow(), AuthSecret.NewPassword);
        state.CertificateChange = kept is null ? null : CertificateRotation.Next(kept, wanted!, observed.Pods, settings.Announcement, time.GetUtcNow());
        observed = observed with { PasswordChange = state.PasswordChange?.What, CertificateChange = state.CertificateChange?.What };
        var plan = TopologyPlanner.Plan(definition.Topology with { Switchover = SwitchoverOrder.Of(entity, time.GetUtcNow()) }, observed);
        string? failure = null;
        try
        {
            if (!entity.Spec.Paused)
                failure = await runner.RunAsync(entity, definition, manifests, observed, plan, state, cancellationToken);
            else
                state.Announcements.Keep([]);
        }
        catch (NameTakenException e)
        {
            problems = [.. problems, e.Message];
        }

        var report = new Report(entity, definition, observed, plan, problems, failure)
        {
            Moved = state.Moves.ToImmutableDictionary(m => m.Key, m => m.Value.Slots),
            VolumeProblem = state.VolumeProblem,
            Password = PasswordReport.Of(state.Passwords?.Passwords ?? passwords, wish!, observed.Pods),
            Certificate = kept is null ? null : CertificateReport.Of(state.Certificates?.Certificates ?? kept, wanted!, observed.Pods, time.GetUtcNow()),
        };
        await reporter.ReportAsync(report, state, cancellationToken);
        return ReconciliationResult<CacheCluster>.Success(entity, NextLook(entity, state, observed, plan, failure ?? (problems.IsEmpty ? null : problems[0])));
    }

    /// <inheritdoc/>
    public async Task<ReconciliationResult<CacheCluster>> DeletedAsync(CacheCluster entity, CancellationToken cancellationToken)
    {
        var key = ObjectKey.Of(entity);
        states.Remove(key);
        metrics.Forget(key);
        await connections.CloseAsync(key);
        return ReconciliationResult<CacheCluster>.Success(entity);
    }

    /// <summary>A Secret that cannot be used stops nothing, once there was one that could.</summary>
    private async Task<(PasswordSet? Passwords, PasswordWish? Wish, string? Trouble)> PasswordsAsync(CacheCluster entity, ClusterDefinition definition, ClusterState state, CancellationToken cancellationToken)
    {
        try
        {
            var (passwords, wish) = await secrets.GetAsync(entity, definition, state, cancellationToken);
            return (passwords, wish, wish.Trouble);
        }
        catch (NameTakenException e)
        {
            return (null, null, e.Message);
        }
    }

    /// <summary>The same for the servers' certificate.</summary>
    private async Task<(ServerCertificates? Kept, CertificateWish? Wish, string? Trouble)> CertificatesAsync(CacheCluster entity, ClusterDefinition definition, ClusterState state, CancellationToken cancellationToken)
    {
        if (!definition.Spec.Tls.Enabled)
            return (null, null, null);
        try
        {
            var (kept, wish) = await certificates.GetAsync(entity, definition, state, cancellationToken);
            return (kept, wish, wish.Trouble);
        }
        catch (NameTakenException e)
        {
            return (null, null, e.Message);
        }
    }

    private TimeSpan NextLook(CacheCluster entity, ClusterState state, ObservedTopology observed, TopologyPlan plan, string? trouble)
    {
        if (plan.IsSettled || entity.Spec.Paused)
        {
            state.Situation = null;
            return WhenSettled;
        }

        var next = NextLook(entity.Metadata.Generation, state, observed, plan, trouble);
        return plan.LookIn is { } due && due < next ? due : next;
    }

    private TimeSpan NextLook(long? generation, ClusterState state, ObservedTopology observed, TopologyPlan plan, string? trouble)
    {
        var situation = new HashCode();
        situation.Add(generation);
        situation.Add(trouble);
        foreach (var step in plan.Steps)
            situation.Add(step.Summary);
        foreach (var wait in plan.Waits)
            situation.Add(wait);
        var (hash, now) = (situation.ToHashCode(), time.GetUtcNow());
        if (state.Situation is not { } last || last.Hash != hash)
            state.Situation = last = (hash, now);

        // Moving slots is work that was only interrupted for a look.
        if (trouble is null && plan.Steps.Any(s => s is PlanStep.MoveSlots { KeysWait: false }))
            return Interrupted;
        var soonest = trouble is null && !plan.Steps.IsEmpty ? AfterSteps : WhileWaiting;
        if (IsMoving(observed))
            return soonest;
        var patient = (now - last.Since) * Patience;
        return patient < soonest ? soonest : patient > WhenSettled ? WhenSettled : patient;
    }

    /// <summary>
    /// A slot is half here, half there, or on its way. A server that is replaced now knows nothing of it, and until both ends are armed again a client is told that keys
    /// which were moved do not exist: so patience is for other times.
    /// </summary>
    private static bool IsMoving(ObservedTopology observed) => observed.Pods.Any(p => p.Node is { } node && !(node.OpenSlots.IsEmpty && node.Jobs.IsEmpty));
}
