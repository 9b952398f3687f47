namespace RedisTopology.Sidecar.Topology;

// One clock for all servers: what is due is asked, what is late is given up.
public sealed partial class ClusterTopology
{
    private async Task TickAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(_source.Current.OffsetPoll, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                if (timer.Period != _source.Current.OffsetPoll)
                    timer.Period = _source.Current.OffsetPoll;
                Tick(Environment.TickCount64);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private void Tick(long now)
    {
        foreach (var agent in _agentList)
        {
            agent.Expire(now);
            if (!agent.Answers)
                agent.Poll(now);
        }

        foreach (var watch in _watches)
            watch.Tick(now);
        if (_current is { Held.Count: > 0 } map)
            Release(map, now);
    }

    private void Release(ClusterMap map, long now) => map.Held.Release((slot, since) => HaveFollowed(map.Of(slot), since, now));

    // One that is not in sync is read from again only with what its master had at most MaxLag before.
    private bool HaveFollowed(Shard? shard, long since, long now)
    {
        foreach (var replica in shard?.Replicas ?? [])
        {
            if (replica.CaughtUpTo <= since && (replica.InSync || now - since <= _source.Current.MaxLag.TotalMilliseconds))
                return false;
        }

        return true;
    }
}
