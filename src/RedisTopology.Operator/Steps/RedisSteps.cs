using System.Collections.Immutable;
using System.Net.Sockets;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Observation;
using RedisTopology.Operator.Redis;
using StackExchange.Redis;

namespace RedisTopology.Operator.Steps;

/// <summary>The steps on Redis that are done with a command or two.</summary>
internal sealed class RedisSteps(IKubernetesClient client, IResourceCache<PodView> pods, EventPublisher events, ClusterMetrics metrics, TimeProvider time)
{
    /// <summary>
    /// How long a graceful failover is not ordered again: the engine's own time limit for it is 5 s, in which the master holds writes back, and every order
    /// begins that anew. One that fails leaves as much time again for writes before the next.
    /// </summary>
    private static readonly TimeSpan FailoverPatience = TimeSpan.FromSeconds(10);

    /// <summary>Node timeouts in which a server asks nobody for a vote once more after an election that it lost: until then writes would be held back in vain.</summary>
    private const int ElectionPause = 4;

    /// <summary>How long the API server is given for the last look before an election: nothing is written meanwhile, and without an answer the cache is believed.</summary>
    private static readonly TimeSpan ElectionLook = TimeSpan.FromMilliseconds(500);

    /// <summary>Carries out a step, when it is one of these.</summary>
    /// <param name="step">The step.</param>
    /// <param name="run">What it works with.</param>
    /// <returns>The work; null when the step is none of these.</returns>
    public Task? Do(PlanStep step, StepRun run) => step switch
    {
        PlanStep.SetConfigEpoch epoch => SetConfigEpochAsync(epoch, run),
        PlanStep.Meet meet => MeetAsync(meet, run),
        PlanStep.Forget forget => ForgetAsync(forget, run),
        PlanStep.AssignSlots assign => AssignAsync(assign, run),
        PlanStep.Replicate replicate => ReplicateAsync(replicate, run),
        PlanStep.Detach detach => DetachAsync(detach, run),
        PlanStep.Failover failover => FailoverAsync(failover, run),
        PlanStep.SetConfig config => SetConfigAsync(config, run),
        PlanStep.CloseSlot close => CloseSlotAsync(close, run),
        _ => null,
    };

    private static async Task SetConfigEpochAsync(PlanStep.SetConfigEpoch epoch, StepRun run)
    {
        await run.ConfirmAsync(epoch.Node);
        await run.Session.ExecuteAsync(epoch.Node.Address, "CLUSTER", "SET-CONFIG-EPOCH", epoch.Epoch);
    }

    private static async Task MeetAsync(PlanStep.Meet meet, StepRun run)
    {
        // Both ends prove who they are right before they are introduced: two clusters merging is the accident nothing recovers from.
        await run.ConfirmAsync(meet.From);
        await run.ConfirmAsync(meet.To);
        await run.Session.ExecuteAsync(meet.From.Address, "CLUSTER", "MEET", meet.To.Address, StatefulSetManifest.RedisPort);
    }

    private async Task ForgetAsync(PlanStep.Forget forget, StepRun run)
    {
        await run.ConfirmAsync(forget.On);
        try
        {
            await run.Session.ExecuteAsync(forget.On.Address, "CLUSTER", "FORGET", forget.NodeId);
        }
        catch (RedisServerException e) when (e.Message.Contains("Unknown node", StringComparison.Ordinal))
        {
            // Forgotten already.
        }

        run.State.Forgotten[forget.NodeId] = time.GetUtcNow();

        if (!forget.Lost.IsEmpty && run.Told.Add(forget.NodeId))
            await events(run.Cluster, "DataLost", $"No copy is left of the data of slots {forget.Lost.ToBriefString()}: every pod that had one is gone", EventType.Warning, run.CancellationToken);
    }

    private static async Task AssignAsync(PlanStep.AssignSlots assign, StepRun run)
    {
        await run.ConfirmAsync(assign.Node);
        await run.AdmitAsync(assign.Node);
        try
        {
            await AddSlotsAsync(assign.Node, assign.Slots, run);
        }
        catch (RedisServerException e) when (e.Message.Contains("already busy", StringComparison.Ordinal))
        {
            // Nobody claims them, and this server holds somebody else to be the owner who once gave them up; or itself, under an epoch that others do not believe.
            var node = await run.NodeAsync(assign.Node.Address);
            foreach (var slot in node.Peers.SelectMany(p => p.Slots.Intersect(assign.Slots).Slots))
                await run.Session.ExecuteAsync(assign.Node.Address, "CLUSTER", "DELSLOTS", slot);
            if (assign.Slots.Except(node.Slots) is { IsEmpty: false } missing)
                await AddSlotsAsync(assign.Node, missing, run);
        }

        if (assign.NewEpoch)
            await run.Session.ExecuteAsync(assign.Node.Address, "CLUSTER", "BUMPEPOCH");
    }

    private static Task<RedisResult> AddSlotsAsync(NodeRef node, SlotSet slots, StepRun run) =>
        run.Session.ExecuteAsync(node.Address, "CLUSTER", ["ADDSLOTSRANGE", .. slots.Ranges.SelectMany(r => new object[] { r.First, r.Last })]);

    private static async Task ReplicateAsync(PlanStep.Replicate replicate, StepRun run)
    {
        await run.ConfirmAsync(replicate.Replica);
        await run.ConfirmAsync(replicate.Master);
        await run.AdmitAsync(replicate.Replica);
        // A master that got its slots from another one was never admitted by assigning them.
        await run.AdmitAsync(replicate.Master);
        await run.Session.ExecuteAsync(replicate.Replica.Address, "CLUSTER", "REPLICATE", replicate.Master.Id);
    }

    private async Task DetachAsync(PlanStep.Detach detach, StepRun run)
    {
        await run.ConfirmAsync(detach.Replica);
        var node = await run.NodeAsync(detach.Replica.Address);
        if (node.MasterId != detach.MasterId)
            throw new StepOutdatedException($"{detach.Replica.Pod} follows another master by now");
        await Detachment.RunAsync(run.Session, detach.Replica.Address, detach.Renew);
        await events(run.Cluster, "Emptied", $"{detach.Replica.Pod} {detach.Why}: it starts anew, empty", cancellationToken: run.CancellationToken);
    }

    private async Task FailoverAsync(PlanStep.Failover failover, StepRun run)
    {
        if (failover.Kind == FailoverKind.Forced)
        {
            await HoldElectionAsync(failover, run);
            return;
        }

        await run.ConfirmAsync(failover.Replica);
        var graceful = failover.Kind == FailoverKind.Graceful;
        if (graceful && run.State.FailoverOrdered is { } last && last.Replica == failover.Replica.Id && time.GetUtcNow() - last.At < PatienceOf(run.Definition.Topology.NodeTimeout))
            return;
        if (graceful && await client.GetAsync<PodView>(failover.Replica.Pod, run.Definition.Namespace, run.CancellationToken) is not { Metadata.DeletionTimestamp: null })
            throw new StepOutdatedException($"{failover.Replica.Pod} is being deleted");
        if (failover is { Kind: FailoverKind.Takeover, From: { } master }
            && await RunsAgainAsync(master, run, run.CancellationToken))
            throw new StepOutdatedException($"{master} runs again");
        if (failover.Kind == FailoverKind.Takeover && await HandOver.SeenAsync(run.Session, ShardOf(failover.Replica.Pod, run)) is { } leader)
            throw new StepOutdatedException($"{leader} is a master by now");
        object[] arguments = graceful ? ["FAILOVER"] : ["FAILOVER", "TAKEOVER"];
        await run.Session.ExecuteAsync(failover.Replica.Address, "CLUSTER", arguments);
        if (graceful)
            run.State.FailoverOrdered = (failover.Replica.Id, time.GetUtcNow());
        metrics.Failovers.WithLabels(run.Definition.Namespace, run.Definition.Name, failover.Kind.ToString().ToLowerInvariant()).Inc();
        var type = failover.Kind == FailoverKind.Takeover ? EventType.Warning : EventType.Normal;
        await events(run.Cluster, "Failover", $"{failover.Replica.Pod} is promoted ({failover.Kind.ToString().ToLowerInvariant()}): {failover.Reason}", type, run.CancellationToken);
    }

    /// <summary>How long a graceful failover is not ordered again.</summary>
    /// <param name="nodeTimeout">The cluster's.</param>
    /// <returns>The time.</returns>
    internal static TimeSpan PatienceOf(TimeSpan nodeTimeout) =>
        TimeSpan.FromTicks(Math.Max(FailoverPatience.Ticks, ((ElectionPause * nodeTimeout) + TimeSpan.FromSeconds(1)).Ticks));

    private static IEnumerable<ObservedPod> ShardOf(string pod, StepRun run) =>
        run.Observed.Pods.FirstOrDefault(p => p.Name == pod) is { } one ? run.Observed.Pods.Where(p => p.Shard == one.Shard) : [];

    private async Task<bool> RunsAgainAsync(string master, StepRun run, CancellationToken cancellationToken) =>
        LastLook.RunsAgain(pods.Get(run.Definition.Namespace, master), await client.GetAsync<PodView>(master, run.Definition.Namespace, cancellationToken));

    /// <summary>Whether a process listens where one had ended, or the monitor has heard meanwhile of one that was silent.</summary>
    private async Task<bool> LivesAsync(ObservedPod? master, StepRun run) => master is { Ended: true, Address: { } address }
        ? await RedisEndpoint.KnockAsync(address, RedisConnections.Timeout) == SocketError.Success
        : run.State.Signs.Last(master?.Address) is { } heard && time.GetUtcNow() - heard < run.Definition.Topology.NodeTimeout;

    /// <summary>
    /// The last look is at the master itself: whoever answers is a living one. And at the API server: one that has come back with its data at an address which the cache does not show yet is
    /// asked by nobody.
    /// </summary>
    private async Task HoldElectionAsync(PlanStep.Failover election, StepRun run)
    {
        await run.ConfirmAsync(election.Replica);
        var node = await run.NodeAsync(election.Replica.Address);
        if (node.MasterId is not { } master || node.Role != NodeRole.Replica)
            throw new StepOutdatedException($"{election.Replica.Pod} is a master by now");
        if (await LivesAsync(run.Observed.Pods.FirstOrDefault(p => p.Name == election.From), run))
            throw new StepOutdatedException($"{election.From} answers again");
        if (election.From is { } name && await IsSeenToRunAgainAsync(name, run))
            throw new StepOutdatedException($"{name} runs again");
        run.State.Elections[master] = (election.Replica.Id, time.GetUtcNow());
        try
        {
            await run.Session.ExecuteAsync(election.Replica.Address, "CLUSTER", "FAILOVER", "FORCE");
        }
        catch (RedisServerException)
        {
            // Refused, so none is held; one that was not answered may be.
            run.State.Elections.Remove(master);
            throw;
        }

        metrics.Failovers.WithLabels(run.Definition.Namespace, run.Definition.Name, "forced").Inc();
        await events(run.Cluster, "Failover", $"{election.Replica.Pod} stands for election by the operator's order (forced): {election.Reason}", EventType.Warning, run.CancellationToken);
    }

    private async Task<bool> IsSeenToRunAgainAsync(string master, StepRun run)
    {
        using var limit = new CancellationTokenSource(ElectionLook, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(run.CancellationToken, limit.Token);
        try
        {
            return await RunsAgainAsync(master, run, stop.Token);
        }
        catch (Exception e) when (ApiFailures.IsOne(e, run.CancellationToken))
        {
            return false;
        }
    }

    private static async Task SetConfigAsync(PlanStep.SetConfig config, StepRun run)
    {
        await run.ConfirmAsync(config.Node);
        try
        {
            await SetAsync(config.Node.Address, config.Values, run);
        }
        catch (RedisServerException) when (config.Values.Count > 1)
        {
            // All or none: one value the server refuses must not keep the others from it.
            foreach (var (name, value) in config.Values)
                await SetAsync(config.Node.Address, ImmutableSortedDictionary<string, string>.Empty.Add(name, value), run);
        }
    }

    private static async Task SetAsync(string address, ImmutableSortedDictionary<string, string> values, StepRun run)
    {
        try
        {
            await run.Session.ExecuteAsync(address, "CONFIG", ["SET", .. values.SelectMany(v => new object[] { v.Key, v.Value })]);
        }
        catch (RedisServerException e) when (values.Count == 1 && IsGiven(values.First(), run))
        {
            // A mistake in the spec that only the server can see. It is told of, and taken out of redis.conf: a server that finds it there does not start.
            var (name, value) = values.First();
            run.State.RefusedSettings[(name, value)] = e.Message;
            run.State.Built = null;
            return;
        }

        foreach (var (name, actual) in SettingDrift.Read(await run.Session.ExecuteAsync(address, "CONFIG", ["GET", .. values.Keys])))
        {
            if (values.TryGetValue(name, out var value) && actual != value)
                run.State.Spellings[(name, value)] = actual;
        }
    }

    private static bool IsGiven(KeyValuePair<string, string> setting, StepRun run) =>
        run.Definition.Spec.Config?.TryGetValue(setting.Key, out var value) == true && value == setting.Value;

    private static async Task CloseSlotAsync(PlanStep.CloseSlot close, StepRun run)
    {
        await run.ConfirmAsync(close.On);
        object[] arguments = close.Owner is null ? ["SETSLOT", close.Slot, "STABLE"] : ["SETSLOT", close.Slot, "NODE", close.Owner];
        await run.Session.ExecuteAsync(close.On.Address, "CLUSTER", arguments);
    }
}
