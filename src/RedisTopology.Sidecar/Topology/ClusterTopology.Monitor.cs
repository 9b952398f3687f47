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
    }
}
