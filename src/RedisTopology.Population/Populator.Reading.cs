using System.Text;

namespace RedisTopology.Population;

/// <summary>Reads: hits, misses, and one load of a key at a time.</summary>
public sealed partial class Populator
{
    /// <summary>Reads a key, and loads it from the origin when it is not there.</summary>
    /// <param name="key">The key as the servers know it.</param>
    /// <param name="origin">Asks the origin. It is called once for all who want the key, in whichever process the lease is; it goes on when its caller has gone.</param>
    /// <param name="cancellationToken">Ends this caller's wait, not the load.</param>
    /// <returns>The value, or why there is none; at the latest after the policy's <see cref="PopulationPolicy.Deadline"/>.</returns>
    public async ValueTask<PopulationResult> GetOrLoadAsync(ReadOnlyMemory<byte> key, OriginLoader origin, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(origin);
        try
        {
            var stored = await _store.ReadAsync(key, Policy.RefreshesAhead, cancellationToken).ConfigureAwait(false);
            if (stored.Value is { } value)
                return new(OnHit(key, stored.Remaining, origin) ? PopulationStatus.Stale : PopulationStatus.Hit, value, null);
        }
        catch (PopulationStoreException e)
        {
            return new(PopulationStatus.StoreFailed, null, e.Message);
        }

        return await LoadAsync(key, origin, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>For who reads by itself: counts a hit, and renews the value in the background when it is due.</summary>
    /// <param name="key">The key as the servers know it; kept, when it is due.</param>
    /// <param name="remaining">How long it is kept yet; null when that is not known.</param>
    /// <param name="origin">Asks the origin.</param>
    /// <returns>Whether it is past its time.</returns>
    public bool OnHit(ReadOnlyMemory<byte> key, TimeSpan? remaining, OriginLoader origin)
    {
        Counters.Hit();
        if (remaining is not { } left)
            return false;
        var stale = left < Policy.Stale;
        if (stale)
            Counters.ServedStale();
        if (IsDue(left))
            Renew(key, left, origin);
        return stale;
    }

    /// <summary>For who reads by itself and has found a value due: counts the hit, and renews the value in the background.</summary>
    /// <param name="key">The key as the servers know it; kept.</param>
    /// <param name="left">Its time left, the stale window included.</param>
    /// <param name="origin">Asks the origin.</param>
    public void OnDueHit(ReadOnlyMemory<byte> key, TimeSpan left, OriginLoader origin)
    {
        ArgumentNullException.ThrowIfNull(origin);
        Counters.Hit();
        if (left < Policy.Stale)
            Counters.ServedStale();
        Renew(key, left, origin);
    }

    /// <summary>Whether a value with so much time left is to be renewed.</summary>
    /// <param name="left">Its time left, the stale window included.</param>
    /// <returns>Always true in the stale window; before it at random, with XFetch.</returns>
    public bool IsDue(TimeSpan left)
    {
        if (left < Policy.Stale)
            return true;
        if (Policy.EarlyRefreshBeta <= 0)
            return false;
        var origin = TimeSpan.FromTicks(Interlocked.Read(ref _originTicks));
        return origin * (-Policy.EarlyRefreshBeta * Math.Log(1 - _random.NextDouble())) >= left - Policy.Stale;
    }

    /// <summary>For who has found no value: loads it from the origin, unless another has or is about to.</summary>
    /// <param name="key">The key as the servers know it; kept while it is loaded.</param>
    /// <param name="origin">Asks the origin.</param>
    /// <param name="cancellationToken">Ends this caller's wait, not the load.</param>
    /// <returns>As <see cref="GetOrLoadAsync"/>.</returns>
    public async ValueTask<PopulationResult> LoadAsync(ReadOnlyMemory<byte> key, OriginLoader origin, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(origin);
        Counters.Miss();
        var began = _time.GetTimestamp();
        while (true)
        {
            var flight = Join(key, origin, out var joined);
            var left = Policy.Deadline - _time.GetElapsedTime(began);
            FlightEnd end;
            try
            {
                end = await flight.End.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return Down("nobody brought the value in time");
            }

            if (joined < end.TrueFrom)
                return end.Result.Status == PopulationStatus.OriginDown ? Down(end.Result.Error!) : end.Result;
        }
    }

    private PopulationResult Down(string error)
    {
        Counters.Down();
        return new(PopulationStatus.OriginDown, null, error);
    }

    private Flight Join(ReadOnlyMemory<byte> key, OriginLoader origin, out int joined)
    {
        var id = new ByteKey(key);
        while (true)
        {
            if (_flights.TryGetValue(id, out var flight))
            {
                joined = flight.Step;
                // It may be over, and its successor have begun, between the two looks: who joins what is over takes nothing from it.
                return flight;
            }

            flight = new Flight();
            var end = new TaskCompletionSource<FlightEnd>();
            flight.End = end.Task;
            if (!_flights.TryAdd(id, flight))
                continue;
            joined = 0;
            _ = FlyAsync(flight, end, id, key, origin);
            return flight;
        }
    }

    private async Task FlyAsync(Flight flight, TaskCompletionSource<FlightEnd> end, ByteKey id, ReadOnlyMemory<byte> key, OriginLoader origin)
    {
        FlightEnd result;
        try
        {
            result = await FlyAsync(flight, key, origin).ConfigureAwait(false);
        }
        catch (PopulationStoreException e)
        {
            result = new(new(PopulationStatus.StoreFailed, null, e.Message), int.MaxValue);
        }
#pragma warning disable CA1031 // Whatever it is, those who wait must be told.
        catch (Exception e)
#pragma warning restore CA1031
        {
            result = new(new(PopulationStatus.StoreFailed, null, "ERR " + e.Message), int.MaxValue);
        }

        _flights.TryRemove(id, out _);
        end.SetResult(result);
    }

    private async Task<FlightEnd> FlyAsync(Flight flight, ReadOnlyMemory<byte> key, OriginLoader origin)
    {
        var keys = new SiblingKeys(key);
        var began = _time.GetTimestamp();
        var backoff = new Backoff(_random);
        var waited = false;
        while (true)
        {
            var left = Policy.Deadline - _time.GetElapsedTime(began);
            // The place for an origin call is taken before the lease: who holds a lease is never kept waiting.
            if (left <= TimeSpan.Zero || !await EnterAsync(left).ConfigureAwait(false))
                return new(new(PopulationStatus.OriginDown, null, waited ? "another process loads it, and did not bring it in time" : "too many calls of the origin are under way"), int.MaxValue);
            ScriptReply reply;
            try
            {
                var token = Encoding.ASCII.GetBytes(Token('r'));
                var step = flight.Begin();
                reply = await _store.RunAsync(PopulationScripts.Lookup, keys, [token, _leaseText], CancellationToken.None).ConfigureAwait(false);
                switch (reply.Status)
                {
                    case PopulationScripts.Done:
                        return new(new(waited ? PopulationStatus.Loaded : PopulationStatus.Hit, reply.Value, null), step);
                    case PopulationScripts.Negative:
                        Counters.Negative();
                        return new(new(PopulationStatus.NotFound, null, null), step);
                    case PopulationScripts.Taken:
                        return await AskAsync(flight, keys, token, origin).ConfigureAwait(false);
                    default:
                        break;
                }
            }
            finally
            {
                _slots.Release();
            }

            if (!waited)
                Counters.Wait();
            waited = true;
            await Task.Delay(backoff.Next(TimeSpan.FromMilliseconds(reply.Number)), _time).ConfigureAwait(false);
        }
    }

    private ValueTask<bool> EnterAsync(TimeSpan timeout) => _slots.Wait(0) ? new(true) : new(_slots.WaitAsync(timeout));

    // This process has the lease.
    private async Task<FlightEnd> AskAsync(Flight flight, SiblingKeys keys, ReadOnlyMemory<byte> token, OriginLoader origin)
    {
        var asked = flight.Begin();
        var answer = await CallAsync(keys.Key, origin).ConfigureAwait(false);
        var store = flight.Begin();
        switch (answer.Verdict)
        {
            case OriginVerdict.Found:
                var stored = await TryFillAsync(PopulationScripts.Fill, keys, [token, answer.Value, StoredFor(answer.Ttl)]).ConfigureAwait(false);
                return new(new(PopulationStatus.Loaded, answer.Value, null), stored ? store : asked);
            case OriginVerdict.NotFound:
                var noted = await TryFillAsync(PopulationScripts.FillNegative, keys, [token, Negative()]).ConfigureAwait(false);
                return new(new(PopulationStatus.NotFound, null, null), noted ? store : asked);
            default:
                await TryReleaseAsync(keys, token).ConfigureAwait(false);
                return new(new(PopulationStatus.OriginDown, null, answer.Error), int.MaxValue);
        }
    }

    private ReadOnlyMemory<byte> Negative() => Policy.NegativeTtl > TimeSpan.Zero ? Milliseconds(Policy.NegativeTtl) : "0"u8.ToArray();

    private async Task<bool> TryFillAsync(PopulationScript script, SiblingKeys keys, ReadOnlyMemory<byte>[] arguments)
    {
        var stored = false;
        try
        {
            stored = (await _store.RunAsync(script, keys, arguments, CancellationToken.None).ConfigureAwait(false)).Status == PopulationScripts.Done;
        }
        catch (PopulationStoreException)
        {
            // Stored or not: who waits has the value.
        }

        Counters.Fill(stored);
        return stored;
    }

    private async Task TryReleaseAsync(SiblingKeys keys, ReadOnlyMemory<byte> token)
    {
        try
        {
            await _store.RunAsync(PopulationScripts.Release, keys, [token], CancellationToken.None).ConfigureAwait(false);
        }
        catch (PopulationStoreException)
        {
            // It ends by itself.
        }
    }

    private async Task<OriginAnswer> CallAsync(ReadOnlyMemory<byte> key, OriginLoader origin)
    {
        var began = _time.GetTimestamp();
        OriginAnswer answer;
        using (var timeout = new CancellationTokenSource(Policy.Timeout, _time))
        {
            try
            {
                // An origin that does not listen to its token must not hold the caller past its deadline.
                answer = await origin(key, timeout.Token).AsTask().WaitAsync(timeout.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested)
            {
                answer = OriginAnswer.Failed($"the origin did not answer within {Policy.Timeout.TotalMilliseconds:0} ms");
            }
#pragma warning disable CA1031 // What the origin's own code throws is the origin's failure.
            catch (Exception e)
#pragma warning restore CA1031
            {
                answer = OriginAnswer.Failed(e.Message);
            }
        }

        var took = _time.GetElapsedTime(began);
        Counters.OriginCall(took, answer.Verdict == OriginVerdict.Failed);
        if (answer.Verdict != OriginVerdict.Failed)
            NoteLatency(took);
        return answer;
    }

    // A moving average: an eighth of the newest. That two threads may lose one of them does no harm.
    private void NoteLatency(TimeSpan took)
    {
        var old = Interlocked.Read(ref _originTicks);
        Interlocked.Exchange(ref _originTicks, old == 0 ? took.Ticks : old + ((took.Ticks - old) / 8));
    }
}
