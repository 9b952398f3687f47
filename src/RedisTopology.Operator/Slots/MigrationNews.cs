using System.Collections.Concurrent;
using RedisTopology.Operator.Redis;

namespace RedisTopology.Operator.Slots;

/// <summary>The atomic migrations that failed, each told of once although both ends list it at every look.</summary>
internal sealed class MigrationNews
{
    private readonly ConcurrentDictionary<string, bool> _asked = new();
    private readonly ConcurrentDictionary<string, bool> _noticed = new();
    private readonly ConcurrentQueue<string> _untold = new();

    /// <summary>Notices what a server lists. What had failed before it was first asked is history.</summary>
    /// <param name="pod">The server's pod.</param>
    /// <param name="reports">The list.</param>
    public void Notice(string pod, IEnumerable<JobReport> reports)
    {
        var history = _asked.TryAdd(pod, true);
        foreach (var (job, state, error) in reports)
        {
            if (state == JobState.Failed || (state == JobState.Running && error is not null))
            {
                if (_noticed.TryAdd(job.Id, true) && !(history && state == JobState.Failed))
                    _untold.Enqueue($"Moving {job.Slots.Count} slots ({job.Slots}) failed, as {pod} says: {error ?? "no reason given"}");
            }
        }
    }

    /// <summary>A sentence about one that was not told of yet.</summary>
    /// <param name="sentence">The sentence.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryTake(out string? sentence) => _untold.TryDequeue(out sentence);
}
