using System.Globalization;
using RedisTopology.Core.Hashing;

namespace RedisTopology.Testing.Load;

/// <summary>Who owns which slot, as the servers last said; shared by the sessions of a load.</summary>
internal sealed class SlotMap(Func<IReadOnlyCollection<string>> seeds, Func<string?> password, ClusterLoadOptions options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private readonly string?[] _owners = new string?[HashSlot.Count];
    private readonly Lock _lock = new();
    private Task? _refresh;

    /// <summary>The endpoint of a slot's master, or null when it is not known.</summary>
    public string? Owner(int slot) => options.ThroughProxy ? seeds().First() : Volatile.Read(ref _owners[slot]);

    /// <summary>A server said so.</summary>
    public void Moved(int slot, string endpoint) => Volatile.Write(ref _owners[slot], endpoint);

    /// <summary>Asks three servers for all slots and takes the first answer; callers at the same time share one.</summary>
    /// <param name="avoid">A server that just did not answer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RefreshAsync(string? avoid, CancellationToken cancellationToken)
    {
        if (options.ThroughProxy)
            return;
        Task refresh;
        lock (_lock)
        {
            if (_refresh is null or { IsCompleted: true })
                _refresh = Task.Run(() => AskAsync(avoid), CancellationToken.None);
            refresh = _refresh;
        }

        await refresh.WaitAsync(cancellationToken);
    }

    private async Task AskAsync(string? avoid)
    {
        var candidates = seeds().Where(s => s != avoid).ToArray();
        Random.Shared.Shuffle(candidates);
        var asked = candidates.Take(3).Select(AskOneAsync).ToList();
        while (asked.Count > 0)
        {
            var first = await Task.WhenAny(asked);
            asked.Remove(first);
            if (await first is not { Length: > 0 } ranges)
                continue;
            foreach (var (from, to, endpoint) in ranges)
            {
                for (var slot = from; slot <= to; slot++)
                    Moved(slot, endpoint);
            }

            return;
        }
    }

    private async Task<(int From, int To, string Endpoint)[]?> AskOneAsync(string endpoint)
    {
        try
        {
            using var connection = await RespConnection.OpenAsync(endpoint, password(), Patience, CancellationToken.None, options.Tls);
            return await connection.CallAsync([["CLUSTER", "SLOTS"]], Patience, CancellationToken.None) is object[] ranges ? [.. ranges.Select(r => Range((object[])r, endpoint))] : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static (int From, int To, string Endpoint) Range(object[] range, string answering)
    {
        var master = (object?[])range[2];

        // A server does not know its own address before anybody met it.
        var endpoint = master[0] is string { Length: > 0 } host ? string.Create(CultureInfo.InvariantCulture, $"{host}:{master[1]}") : answering;
        return ((int)(long)range[0], (int)(long)range[1], endpoint);
    }
}
