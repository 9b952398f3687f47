using System.Net;
using System.Net.Sockets;
using RedisTopology.Sidecar.Topology.Control;

namespace RedisTopology.Sidecar.Topology;

// When the topology is looked at, and whom is asked.
public sealed partial class ClusterTopology
{
    private const string Periodic = "periodic";
    private const double Jitter = 0.2;
    private static readonly TimeSpan s_spacing = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_hurry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_hurryLasts = TimeSpan.FromSeconds(30);
    private int _turn;
    private bool _outOfSight = true;
    private long _unwellSince;
    private long _firstHeardAt;

    private async Task RunAsync(CancellationToken stop)
    {
        for (var reason = "start"; !stop.IsCancellationRequested; reason = await NextAsync(stop))
        {
            try
            {
                await LookAsync(reason, stop);
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                // Whatever it is, a sidecar that goes on with an old map until the next look serves better than one whose map never changes again.
                _log.Unexpected(e);
            }
        }
    }

    private async Task LookAsync(string reason, CancellationToken stop)
    {
        var round = Begin(reason);
        if (_outOfSight)
            await AskSeedsAsync(round);
        await WaitAsync(round, stop);
        Conclude(round);
    }

    private Round Begin(string reason)
    {
        var now = Environment.TickCount64;
        var round = new Round(reason, now);
        var asked = new List<NodeAgent>();
        lock (_gate)
        {
            // As long as all is well one server in passing is enough: the news reaches each of them within a second, and a cluster may have hundreds of sidecars.
            var well = reason == Periodic && !_outOfSight && _unwellSince == 0;
            var inPassing = well ? Array.FindAll(_agentList, a => a.Answers) : [];
            round.IsFull = inPassing.Length == 0;
            foreach (var agent in round.IsFull ? _agentList : [inPassing[_turn++ % inPassing.Length]])
            {
                if (round.Ask(agent))
                    asked.Add(agent);
            }

            _round = round;
        }

        Ask(round, asked, now);
        return round;
    }

    private void Ask(Round round, List<NodeAgent> agents, long now)
    {
        foreach (var agent in agents)
        {
            if (agent.AskView(now))
                continue;
            lock (_gate)
            {
                round.Fail(agent, agent.Trouble ?? "it failed a moment ago");
                round.End(agent);
            }
        }
    }

    private async Task AskSeedsAsync(Round round)
    {
        try
        {
            await Task.WhenAll(_source.Current.Seeds.Select(s => AskSeedAsync(round, s))).WaitAsync(_source.Current.ConnectTimeout, _time);
        }
        catch (TimeoutException)
        {
            _log.SlowNames();
        }
    }

    private async Task AskSeedAsync(Round round, string seed)
    {
        var colon = seed.LastIndexOf(':');
        var (host, port) = (seed[..colon].Trim('[', ']'), int.Parse(seed[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture));
        IPAddress[] addresses;
        try
        {
            addresses = IPAddress.TryParse(host, out var address) ? [address] : await _lookUp(host);
        }
        catch (SocketException e)
        {
            lock (_gate)
                round.SeedTrouble[seed] = e.Message;
            return;
        }

        var asked = new List<NodeAgent>();
        lock (_gate)
        {
            foreach (var address in addresses)
            {
                var agent = AgentAt(host, new(address, port));
                agent.FromSeed = true;
                if (round.Ask(agent))
                    asked.Add(agent);
            }
        }

        Ask(round, asked, Environment.TickCount64);
    }

    // A server that hangs must not hold up the news of the others: they are taken in as they come, and a new round may begin before the last one has answered.
    private async Task WaitAsync(Round round, CancellationToken stop)
    {
        lock (_gate)
            round.CompleteIfDone();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(round.Done, Task.Delay(s_spacing, _time, limit.Token));
        if (!round.Done.IsCompleted)
            await Task.WhenAny(round.Done, _wanted.Task, Task.Delay(_source.Current.UpstreamTimeout, _time, limit.Token));
        await limit.CancelAsync();
    }

    private void Conclude(Round round)
    {
        lock (_gate)
        {
            var now = Environment.TickCount64;
            var heard = round.Views.Count > 0;
            _firstHeardAt = heard && _firstHeardAt == 0 ? round.StartedAt : _firstHeardAt;
            Consider(round, isLast: round.Done.IsCompleted || now - _firstHeardAt > _source.Current.UpstreamTimeout.TotalMilliseconds);
            _outOfSight = round.IsFull ? !round.HasMajority : _outOfSight;
            _unwellSince = IsWell() ? 0 : _unwellSince == 0 ? now : _unwellSince;
            (_lastRound, _confirmedAt) = (round, heard ? now : _confirmedAt);
            Metrics.Count(round.Reason, round.Outcome);
            if (round.HasMajority)
                Tidy();
            if (!heard)
                _log.NobodyAnswers(round, now);
        }
    }

    private async Task<string> NextAsync(CancellationToken stop)
    {
        var pause = (1 - Jitter + (2 * Jitter * Random.Shared.NextDouble())) * _source.Current.Refresh;
        if (_unwellSince != 0)
            pause = Environment.TickCount64 - _unwellSince < s_hurryLasts.TotalMilliseconds ? s_hurry : s_patience;
        var began = _lastRound?.StartedAt ?? 0;
        var rest = s_spacing - TimeSpan.FromMilliseconds(Environment.TickCount64 - began);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (rest > TimeSpan.Zero)
            await Task.WhenAny(Task.Delay(rest, _time, limit.Token));
        var wanted = _wanted.Task;
        await Task.WhenAny(wanted, Task.Delay(pause, _time, limit.Token));
        await limit.CancelAsync();
        if (!wanted.IsCompleted)
            return Periodic;
        _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return await wanted;
    }
}
