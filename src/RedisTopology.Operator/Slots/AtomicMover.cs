using System.Collections.Immutable;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Redis;
using StackExchange.Redis;

namespace RedisTopology.Operator.Slots;

/// <summary>
/// Lets the engine hand slots over: it copies them as it would to a replica, and only then changes the owner. Nothing is ever half here, half there. A migration goes
/// on without the operator; what is begun here and does not end in time is seen at the next look.
/// </summary>
/// <param name="move">Both ends.</param>
/// <param name="way">Which of the engines' ways.</param>
/// <param name="time">The clock.</param>
internal sealed class AtomicMover(SlotMove move, SlotMigration way, TimeProvider time)
{
    /// <summary>Slots of one migration: each forks the source once, and can only be ended as a whole.</summary>
    public const int MostSlots = 512;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private NodeRef Ordered => way == SlotMigration.FromSource ? move.Source : move.Target;

    /// <summary>The command that ends a migration. Valkey ends all that its source has begun: there is one at a time.</summary>
    /// <param name="way">Which of the engines' ways.</param>
    /// <param name="id">The engine's name for it.</param>
    /// <returns>Arguments of <c>CLUSTER</c>.</returns>
    public static object[] Cancel(SlotMigration way, string id) => way == SlotMigration.FromSource ? ["CANCELSLOTMIGRATIONS"] : ["MIGRATION", "CANCEL", "ID", id];

    /// <summary>Begins migrations, one after the other, and follows them until the time is over.</summary>
    /// <param name="slots">The slots.</param>
    /// <param name="until">When to stop; a migration may go on then.</param>
    /// <param name="cancellationToken">Stops it sooner.</param>
    /// <exception cref="SlotMoveException">One of the ends refuses, the migration failed, or one failed a short while ago.</exception>
    public async Task RunAsync(SlotSet slots, DateTimeOffset until, CancellationToken cancellationToken)
    {
        move.Progress.ThrowIfResting(time.GetUtcNow());
        foreach (var some in slots.Slots.Chunk(MostSlots))
        {
            var part = SlotSet.OfSlots(some);
            var known = (await JobsAsync()).Select(j => j.Job.Id).ToHashSet();
            await BeginAsync(part);
            JobReport? report;
            while ((report = (await JobsAsync()).FirstOrDefault(j => !known.Contains(j.Job.Id) && j.Job.Slots.Equals(part))) is { State: JobState.Running })
            {
                if (time.GetUtcNow() >= until || cancellationToken.IsCancellationRequested)
                    return;
                await Task.Delay(Poll, time, CancellationToken.None);
            }

            if (report is not { State: JobState.Done })
                throw Failed(report?.Error ?? (report?.State == JobState.Cancelled ? "it was cancelled" : "the server does not know it any more"));
            move.Progress.AddSlots(part.Count);
            move.Progress.Succeeded();
            if (time.GetUtcNow() >= until || cancellationToken.IsCancellationRequested)
                return;
        }
    }

    private async Task BeginAsync(SlotSet slots)
    {
        var ranges = slots.Ranges.SelectMany(r => new object[] { r.First, r.Last });
        object[] arguments = way == SlotMigration.FromSource ? ["MIGRATESLOTS", "SLOTSRANGE", .. ranges, "NODE", move.Target.Id] : ["MIGRATION", "IMPORT", .. ranges];
        try
        {
            await move.Servers.ExecuteAsync(Ordered.Address, "CLUSTER", arguments);
        }
        catch (RedisServerException e)
        {
            throw Failed(e.Message);
        }
    }

    private async Task<ImmutableArray<JobReport>> JobsAsync() =>
        JobParser.Parse(await move.Servers.ExecuteAsync(Ordered.Address, "CLUSTER", JobParser.Question(way)), way);

    private SlotMoveException Failed(string why) => move.Progress.Failed($"the migration of slots from {move.Source.Pod} to {move.Target.Pod} failed: {why}", time.GetUtcNow());
}
