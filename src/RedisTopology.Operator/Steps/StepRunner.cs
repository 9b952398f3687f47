using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Redis;
using RedisTopology.Operator.Slots;
using RedisTopology.Operator.Validation;
using StackExchange.Redis;

namespace RedisTopology.Operator.Steps;

/// <summary>
/// Apply: carries out the steps of a plan in their order. Before each step on Redis the server is asked again whether it still is who it was: between the look
/// and the step an address may have passed to another cluster. Steps on Kubernetes, steps on passwords or certificates and other steps on Redis do not hold each other up.
/// </summary>
internal sealed partial class StepRunner(
    KubernetesSteps kubernetes,
    PodSteps pods,
    ShardRemoval removal,
    RedisSteps redis,
    SlotSteps slots,
    PasswordSteps passwords,
    CertificateSteps certificates,
    RedisConnections connections,
    ILogger<StepRunner> logger,
    IStepGate? gate = null)
{
    /// <summary>Carries out a plan.</summary>
    /// <param name="cluster">The entity, for events.</param>
    /// <param name="definition">The cluster.</param>
    /// <param name="manifests">Its objects as they should be.</param>
    /// <param name="observed">What the plan was made from.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="state">What is kept of the cluster.</param>
    /// <param name="cancellationToken">Cancelled when this process no longer leads: nothing is written after that.</param>
    /// <returns>What went wrong, or null.</returns>
    /// <exception cref="NameTakenException">An object of the cluster exists and belongs to somebody else.</exception>
    public async Task<string?> RunAsync(
        CacheCluster cluster, ClusterDefinition definition, ImmutableArray<Manifest> manifests, ObservedTopology observed, TopologyPlan plan, ClusterState state, CancellationToken cancellationToken)
    {
        var run = new StepRun(cluster, definition, manifests, observed, state, connections.Current(new ObjectKey(definition.Namespace, definition.Name)), cancellationToken);
        string? failure = null, redisFailure = null;
        NameTakenException? taken = null;
        await slots.TellAsync(run);
        if (!plan.Steps.Any(s => s is PlanStep.MoveSlots) && observed.Pods.All(p => p.Node is null || p.Node.Jobs.IsEmpty))
        {
            state.Moves.Clear();
            run.Session.ClosePatient();
        }

        state.Announcements.Keep([.. plan.Steps.OfType<PlanStep.MoveSlots>().Where(m => m.Way == SlotMigration.Keys).Select(m => m.Source.Id)]);
        var moved = false;
        foreach (var step in plan.Steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var apart = KubernetesSteps.Has(step) || PasswordSteps.Has(step) || CertificateSteps.Has(step);
            if (!apart && redisFailure is not null)
                continue;
            try
            {
                // All of them at once, when it is the turn of the first.
                if (step is PlanStep.MoveSlots && moved)
                    continue;
                ImmutableArray<PlanStep> steps = step is PlanStep.MoveSlots ? [.. plan.Steps.OfType<PlanStep.MoveSlots>()] : [step];
                moved |= step is PlanStep.MoveSlots;
                if (gate is not null)
                    await BeforeAsync(steps, gate, cancellationToken);
                await DoAsync(steps, run);
                if (gate is not null)
                    await AfterAsync(steps, gate, cancellationToken);
                foreach (var done in steps)
                    LogStep(definition.Namespace, definition.Name, done.Summary);
            }
            catch (NameTakenException e)
            {
                taken = e;
            }
            catch (ApiConflictException)
            {
                // Somebody was faster; the next look decides anew.
                failure ??= $"{step.Summary}: changed meanwhile";
            }
            catch (ApiException e)
            {
                failure = $"{step.Summary}: {e.Message}";
                LogStepFailed(definition.Namespace, definition.Name, step.Summary, e.Message);
            }
            catch (Exception e) when (e is RedisUnavailableException or RedisServerException or StepOutdatedException or SlotMoveException)
            {
                if (apart)
                    failure ??= $"{step.Summary}: {e.Message}";
                else
                    redisFailure = $"{step.Summary}: {e.Message}";
                LogStepFailed(definition.Namespace, definition.Name, step.Summary, e.Message);
            }
        }

        if (taken is not null)
            throw taken;
        return redisFailure ?? failure;
    }

    private Task DoAsync(ImmutableArray<PlanStep> steps, StepRun run) =>
        kubernetes.Do(steps[0], run) ?? pods.Do(steps[0], run) ?? removal.Do(steps[0], run) ?? redis.Do(steps[0], run) ?? passwords.Do(steps[0], run) ?? certificates.Do(steps[0], run) ?? slots.Do(steps, run) ?? throw new InvalidOperationException($"no way to carry out {steps[0].GetType().Name}");

    private static async Task BeforeAsync(ImmutableArray<PlanStep> steps, IStepGate gate, CancellationToken cancellationToken)
    {
        foreach (var step in steps)
            await gate.BeforeAsync(step, cancellationToken);
    }

    private static async Task AfterAsync(ImmutableArray<PlanStep> steps, IStepGate gate, CancellationToken cancellationToken)
    {
        foreach (var step in steps)
            await gate.AfterAsync(step, cancellationToken);
    }

    [LoggerMessage(LogLevel.Information, "CacheCluster {Namespace}/{Name}: {Step}")]
    private partial void LogStep(string @namespace, string name, string step);

    [LoggerMessage(LogLevel.Warning, "CacheCluster {Namespace}/{Name}: could not {Step}: {Reason}")]
    private partial void LogStepFailed(string @namespace, string name, string step, string reason);
}
