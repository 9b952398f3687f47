using System.Collections.Immutable;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Redis;
using RedisTopology.Operator.Slots;
using StackExchange.Redis;

namespace RedisTopology.Operator.Steps;

/// <summary>The steps that hand slots over.</summary>
internal sealed class SlotSteps(EventPublisher events, ClusterMetrics metrics, TimeProvider time)
{
    /// <summary>How long slots are moved before the cluster is looked at again: one that lost a server in the middle must be mended within about a second.</summary>
    public static readonly TimeSpan Slice = TimeSpan.FromSeconds(1);

    /// <summary>Carries out steps, when they are some of these.</summary>
    /// <param name="steps">One step, or all <see cref="PlanStep.MoveSlots"/> of a plan.</param>
    /// <param name="run">What they work with.</param>
    /// <returns>The work; null when they are none of these.</returns>
    public Task? Do(ImmutableArray<PlanStep> steps, StepRun run) => steps[0] switch
    {
        PlanStep.MoveSlots => MoveAsync([.. steps.Cast<PlanStep.MoveSlots>()], run),
        PlanStep.CancelMigration cancel => CancelAsync(cancel, run),
        _ => null,
    };

    /// <summary>Different sources side by side; the steps of one source one after the other, so that it never has two slots with keys open.</summary>
    private async Task MoveAsync(ImmutableArray<PlanStep.MoveSlots> moves, StepRun run)
    {
        if (moves.Any(m => m.Way == SlotMigration.Keys))
            metrics.BeginMoves(Labels(run));
        var servers = run.Session.Patient(run.Definition.Topology.NodeTimeout + RedisConnections.Timeout);
        await Task.WhenAll(moves.GroupBy(m => m.Source).Select(source => MoveAsync(source.Key, [.. source], servers, run)));
    }

    private async Task MoveAsync(NodeRef source, PlanStep.MoveSlots[] moves, IRedisCommands servers, StepRun run)
    {
        var (rest, ended) = await AnnounceAsync(source, moves, run);
        var until = time.GetUtcNow() + Slice;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(run.CancellationToken, ended);
        foreach (var move in moves)
        {
            // What is half-way is seen to be open without an announcement, and the sooner it is finished the better.
            if (time.GetUtcNow() < until)
                await MoveAsync(move, move.Way == SlotMigration.Keys && rest > TimeSpan.Zero, servers, until, run, stop.Token);
        }

        var slice = until - time.GetUtcNow();
        if (rest > TimeSpan.Zero && slice > TimeSpan.Zero)
            await Task.Delay(rest < slice ? rest : slice, time, run.CancellationToken);
    }

    /// <summary>The engines' own ways need none: their replicas have every key until they know that the slots are another's.</summary>
    private static async Task<(TimeSpan Wait, CancellationToken Ended)> AnnounceAsync(NodeRef source, PlanStep.MoveSlots[] moves, StepRun run)
    {
        var slots = SlotSet.Of(moves.Where(m => m.Way == SlotMigration.Keys).SelectMany(m => m.Slots.Ranges));
        if (slots.IsEmpty)
            return (TimeSpan.Zero, CancellationToken.None);
        await run.ConfirmAsync(source);
        var announced = await run.State.Announcements.AnnounceAsync(source, slots, run.Session);
        // Told in any case, as replicas may come; without any, nobody has to be waited for.
        return run.Observed.Pods.Any(p => p.Node?.MasterId == source.Id) ? announced : (TimeSpan.Zero, announced.Ended);
    }

    private async Task MoveAsync(PlanStep.MoveSlots step, bool begunOnly, IRedisCommands servers, DateTimeOffset until, StepRun run, CancellationToken stop)
    {
        await run.ConfirmAsync(step.Source);
        await run.ConfirmAsync(step.Target);
        await run.AdmitAsync(step.Target);
        var pods = run.Observed.Pods;
        var move = new SlotMove(step.Source, step.Target, servers, run.Definition.Topology.NodeTimeout, ProgressOf(step, run), run.State.BlockedSlots, step.KeysWait);
        var open = pods.Where(p => p.Node?.Id == step.Source.Id || p.Node?.Id == step.Target.Id).SelectMany(p => p.Node!.OpenSlots).ToList();
        var before = move.Progress.Slots;
        try
        {
            if (step.Way == SlotMigration.Keys)
                await new SlotMover(move, new KeyMover(move, metrics, Labels(run)), time).RunAsync(step.Slots, open, until, stop, begunOnly);
            else
                await new AtomicMover(move, step.Way, time).RunAsync(step.Slots, until, run.CancellationToken);
        }
        finally
        {
            // Until here it may have run within the thread that reads a server's replies.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            metrics.SlotsMoved.WithLabels(Labels(run)).Inc(move.Progress.Slots - before);
        }
    }

    /// <summary>Tells of every migration that failed, once: some are begun again by the engine itself, and no step is taken then.</summary>
    /// <param name="run">What they work with.</param>
    public async Task TellAsync(StepRun run)
    {
        while (run.State.MigrationNews.TryTake(out var failure))
            await events(run.Cluster, "MigrationFailed", failure!, EventType.Warning, run.CancellationToken);
    }

    private static string[] Labels(StepRun run) => [run.Definition.Namespace, run.Definition.Name];

    private static MoveProgress ProgressOf(PlanStep.MoveSlots step, StepRun run)
    {
        var (source, target) = (ShardOf(step.Source, run), ShardOf(step.Target, run));
        return run.State.Moves.GetOrAdd((source, target), pair => new MoveProgress(pair.Source, pair.Target));
    }

    private static string ShardOf(NodeRef node, StepRun run) => run.Observed.Pods.FirstOrDefault(p => p.Name == node.Pod)?.Shard ?? node.Pod;

    private async Task CancelAsync(PlanStep.CancelMigration cancel, StepRun run)
    {
        await run.ConfirmAsync(cancel.On);
        var way = run.Observed.Pods.FirstOrDefault(p => p.Node?.Id == cancel.On.Id)?.Node?.Migration ?? SlotMigration.Keys;
        try
        {
            await run.Session.ExecuteAsync(cancel.On.Address, "CLUSTER", AtomicMover.Cancel(way, cancel.JobId));
        }
        catch (RedisServerException e) when (e.Message.Contains("No migrations ongoing", StringComparison.Ordinal))
        {
            // It has ended by itself.
            return;
        }

        await events(run.Cluster, "MigrationCancelled", $"{cancel.On.Pod} keeps the slots of migration {cancel.JobId}: it is no longer wanted", cancellationToken: run.CancellationToken);
    }
}
