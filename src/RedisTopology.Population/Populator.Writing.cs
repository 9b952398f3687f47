using System.Globalization;
using System.Text;

namespace RedisTopology.Population;

/// <summary>Writes through the cache: origin and cache in one call.</summary>
public sealed partial class Populator
{
    private const int CommitAttempts = 3;

    /// <summary>Writes a value to the origin and then to the cache, and is done when both have it.</summary>
    /// <param name="key">The key as the servers know it.</param>
    /// <param name="value">The value.</param>
    /// <param name="origin">Writes to the origin.</param>
    /// <param name="ttl">How long the value is fresh; null: as the policy says.</param>
    /// <param name="cancellationToken">Ends the wait for other writers of the key. Once the origin is asked, the write is brought to its end.</param>
    /// <returns>How it ended. While it lasts, readers get the old value from the cache: the new one is not acknowledged yet.</returns>
    public async ValueTask<WriteResult> WriteThroughAsync(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, OriginWriter origin, TimeSpan? ttl = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(origin);
        var id = new ByteKey(key);
        var began = _time.GetTimestamp();
        var result = new WriteResult(WriteStatus.Busy, null, "others write the key");
        if (await _writers.EnterAsync(id, Policy.Deadline, _time, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                result = await WriteAsync(new(key), value, origin, ttl, began, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _writers.Leave(id);
            }
        }

        Counters.Write(result.IsAcknowledged);
        return result;
    }

    private async Task<WriteResult> WriteAsync(SiblingKeys keys, ReadOnlyMemory<byte> value, OriginWriter origin, TimeSpan? ttl, long began, CancellationToken cancellationToken)
    {
        var name = Token('w');
        var token = Encoding.ASCII.GetBytes(name);
        var backoff = new Backoff(_random);
        ScriptReply old;
        long taken;
        try
        {
            while (true)
            {
                taken = _time.GetTimestamp();
                old = await _store.RunAsync(PopulationScripts.BeginWrite, keys, [token, _leaseText], cancellationToken).ConfigureAwait(false);
                if (old.Status == PopulationScripts.Taken)
                    break;
                if (_time.GetElapsedTime(began) > Policy.Deadline)
                    return new(WriteStatus.Busy, null, "another process writes the key");
                await Task.Delay(backoff.Next(TimeSpan.FromMilliseconds(old.Number)), _time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (PopulationStoreException e)
        {
            // The lease may have been taken; it ends by itself, and the old value with it.
            return new(WriteStatus.StoreFailed, null, e.Message);
        }

        var answer = await CallAsync(new(keys.Key, value, name), origin).ConfigureAwait(false);
        switch (answer.Verdict)
        {
            case OriginWriteVerdict.Accepted:
                return await CommitAsync(keys, token, value, ttl).ConfigureAwait(false);
            case OriginWriteVerdict.Refused:
                await TryAbortAsync(keys, token, old.Number, _time.GetElapsedTime(taken)).ConfigureAwait(false);
                return new(WriteStatus.Refused, null, answer.Error);
            default:
                // The lease stays until it ends: what the origin may yet do with the request, it has time for, and nobody loads meanwhile what is about to change.
                return new(WriteStatus.Unknown, null, answer.Error);
        }
    }

    private async Task<WriteResult> CommitAsync(SiblingKeys keys, ReadOnlyMemory<byte> token, ReadOnlyMemory<byte> value, TimeSpan? ttl)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // Again, when the answer was lost, is harmless: if the first was executed its token is gone, and the key is removed.
                var reply = await _store.RunAsync(PopulationScripts.CommitWrite, keys, [token, value, StoredFor(ttl)], CancellationToken.None).ConfigureAwait(false);
                var status = reply.Status == PopulationScripts.Done ? WriteStatus.Written : WriteStatus.WrittenNotCached;
                return Policy.WaitReplicas == 0 ? new(status, null, null) : await WaitAsync(keys.Key, status).ConfigureAwait(false);
            }
            catch (PopulationStoreException e) when (attempt == CommitAttempts)
            {
                return new(WriteStatus.Unknown, null, $"the origin has the value; whether the cache has it is not known: {e.Message}");
            }
            catch (PopulationStoreException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20 * attempt), _time).ConfigureAwait(false);
            }
        }
    }

    private async Task<WriteResult> WaitAsync(ReadOnlyMemory<byte> key, WriteStatus status)
    {
        try
        {
            var replicas = await _store.WaitForReplicasAsync(key, Policy.WaitReplicas, Policy.WaitReplicasTimeout, CancellationToken.None).ConfigureAwait(false);
            return new(status, replicas, replicas >= Policy.WaitReplicas ? null : $"written, but only {replicas} of {Policy.WaitReplicas} replicas have it");
        }
        catch (PopulationStoreException e)
        {
            return new(status, 0, $"written, but how many replicas have it is not known: {e.Message}");
        }
    }

    private async Task TryAbortAsync(SiblingKeys keys, ReadOnlyMemory<byte> token, long left, TimeSpan passed)
    {
        if (left > 0)
            left = Math.Max(1, left - (long)passed.TotalMilliseconds);
        try
        {
            await _store.RunAsync(PopulationScripts.AbortWrite, keys, [token, Encoding.ASCII.GetBytes(left.ToString(CultureInfo.InvariantCulture))], CancellationToken.None).ConfigureAwait(false);
        }
        catch (PopulationStoreException)
        {
            // The lease ends by itself, and the old value with it: it is loaded again.
        }
    }

    private async Task<OriginWriteAnswer> CallAsync(OriginWrite write, OriginWriter origin)
    {
        var began = _time.GetTimestamp();
        OriginWriteAnswer answer;
        using (var timeout = new CancellationTokenSource(Policy.Timeout, _time))
        {
            try
            {
                answer = await origin(write, timeout.Token).AsTask().WaitAsync(timeout.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested)
            {
                answer = OriginWriteAnswer.Unknown($"the origin did not answer within {Policy.Timeout.TotalMilliseconds:0} ms");
            }
#pragma warning disable CA1031 // What the origin's own code throws is the origin's failure, and says nothing of what was written.
            catch (Exception e)
#pragma warning restore CA1031
            {
                answer = OriginWriteAnswer.Unknown(e.Message);
            }
        }

        Counters.OriginCall(_time.GetElapsedTime(began), answer.Verdict != OriginWriteVerdict.Accepted);
        return answer;
    }
}
