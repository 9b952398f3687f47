using System.Text;

namespace RedisTopology.Population;

/// <summary>Renewal of values that are still there, by one process at a time and one call at a time.</summary>
public sealed partial class Populator
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Renews a value in the background, unless somebody is about to already.</summary>
    /// <param name="key">The key as the servers know it; kept.</param>
    /// <param name="left">Its time left, the stale window included.</param>
    /// <param name="origin">Asks the origin.</param>
    public void Renew(ReadOnlyMemory<byte> key, TimeSpan left, OriginLoader origin)
    {
        ArgumentNullException.ThrowIfNull(origin);
        var id = new ByteKey(key);
        if (_renewals.TryAdd(id, true))
            _ = RenewAsync(id, key, left, origin);
    }

    private async Task RenewAsync(ByteKey id, ReadOnlyMemory<byte> key, TimeSpan left, OriginLoader origin)
    {
        try
        {
            // Nobody waits for it: when the origin is busy it is left for the next reader.
            if (!_slots.Wait(0))
                return;
            var failed = false;
            try
            {
                var keys = new SiblingKeys(key);
                var token = Encoding.ASCII.GetBytes(Token('r'));
                var below = Policy.Stale > left ? Policy.Stale : left + TimeSpan.FromMilliseconds(1);
                var reply = await _store.RunAsync(PopulationScripts.Renew, keys, [token, _leaseText, Milliseconds(below)], CancellationToken.None).ConfigureAwait(false);
                if (reply.Status == PopulationScripts.Taken)
                    failed = !await AskAgainAsync(keys, token, origin).ConfigureAwait(false);
            }
            finally
            {
                _slots.Release();
            }

            // An origin that is down is not asked by every hit.
            if (failed)
                await Task.Delay(Pause, _time).ConfigureAwait(false);
        }
        catch (PopulationStoreException)
        {
            // The value is still served, and the next reader tries again.
        }
        finally
        {
            _renewals.TryRemove(id, out _);
        }
    }

    private async Task<bool> AskAgainAsync(SiblingKeys keys, ReadOnlyMemory<byte> token, OriginLoader origin)
    {
        var answer = await CallAsync(keys.Key, origin).ConfigureAwait(false);
        if (answer.Verdict == OriginVerdict.Failed)
        {
            await TryReleaseAsync(keys, token).ConfigureAwait(false);
            return false;
        }

        var stored = answer.Verdict == OriginVerdict.Found
            ? await TryFillAsync(PopulationScripts.Fill, keys, [token, answer.Value, StoredFor(answer.Ttl)]).ConfigureAwait(false)
            : await TryFillAsync(PopulationScripts.FillNegative, keys, [token, Negative()]).ConfigureAwait(false);
        if (stored)
            Counters.Renewed();
        return true;
    }
}
