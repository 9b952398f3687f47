using RedisTopology.Core.Topology;
using StackExchange.Redis;

namespace RedisTopology.Client;

/// <summary>
/// Knows the slots that masters are about to give away key by key, as the operator announces them (docs/decisions/20261126-announced-moves.md): a replica says of a key that has gone over that
/// there is none. So they are read from masters, and so is everything until all masters have been asked once. What is moved by hand is not announced, and not known here.
/// </summary>
internal sealed class MoveWatch : IAsyncDisposable
{
    // A move begins 2.5 s after it was announced; a server is waited for as long as that.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // Slots are read from masters so much longer: replicas of the shard they have come to must get them, and this process must hear where they are.
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(5);

    private readonly IConnectionMultiplexer _multiplexer;
    private readonly TimeProvider _time;
    private readonly Queue<(long At, SlotSet Slots)> _rounds = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private SlotSet _announced = SlotSet.Empty;
    private volatile SlotSet _held = SlotSet.All;

    public MoveWatch(IConnectionMultiplexer multiplexer, TimeProvider time)
    {
        (_multiplexer, _time) = (multiplexer, time);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Whether a key is to be read from its master.</summary>
    public bool Holds(RedisKey key) => !_held.IsEmpty && _held.Contains(_multiplexer.GetHashSlot(key));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await RoundAsync().ConfigureAwait(false);
                await Task.Delay(Interval, _time, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The connection is closed.
        }
    }

    private async Task RoundAsync()
    {
        var answers = await Task.WhenAll(_multiplexer.GetServers().Where(s => s.IsConnected && !s.IsReplica).Select(AskAsync)).ConfigureAwait(false);
        var heard = answers.OfType<SlotSet>().Aggregate(SlotSet.Empty, (all, slots) => all.Union(slots));
        // One that says nothing may still announce what it did.
        var silent = Array.Exists(answers, a => a is null);
        _announced = silent ? _announced.Union(heard) : heard;
        if (!_announced.IsEmpty)
            _rounds.Enqueue((_time.GetTimestamp(), _announced));
        while (_rounds.TryPeek(out var round) && _time.GetElapsedTime(round.At) > Afterwards)
            _rounds.Dequeue();
        if (answers.Length > 0 && (!silent || !ReferenceEquals(_held, SlotSet.All)))
            _held = _rounds.Aggregate(SlotSet.Empty, (held, round) => held.Union(round.Slots));
    }

    // Null when it does not answer. One that refuses to say announces nothing that could be known.
    private async Task<SlotSet?> AskAsync(IServer server)
    {
        try
        {
            if (await server.SubscriptionSubscriberCountAsync(RedisChannel.Literal(MoveChannel.Name)).WaitAsync(Interval, _time, _stop.Token).ConfigureAwait(false) == 0)
                return SlotSet.Empty;
            var channels = await server.SubscriptionChannelsAsync(RedisChannel.Pattern(MoveChannel.Pattern)).WaitAsync(Interval, _time, _stop.Token).ConfigureAwait(false);
            return SlotSet.Of(channels.SelectMany(c => MoveChannel.Read(c)));
        }
        catch (RedisServerException)
        {
            return SlotSet.Empty;
        }
        catch (Exception e) when (StoreErrors.IsOfTheConnection(e))
        {
            return null;
        }
    }
}
