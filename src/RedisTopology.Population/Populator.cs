using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace RedisTopology.Population;

/// <summary>
/// Populates the keys of one policy. In a process there is one of these per policy, however many threads use it; processes agree through leases on the masters.
/// </summary>
/// <remarks>
/// <para>A miss asks the master: value, "not found", or a lease, which makes this process the loader. It asks the origin and stores what it got only if its token is still there.
/// Every write and delete removes the token in the same step, so what was read before a write can not be stored after it.</para>
/// <para>A lease that is lost (evicted, expired, failed over) makes a fill be refused: the caller has its value all the same. Nothing but the lease's own end is needed to go on after a crash.</para>
/// </remarks>
public sealed partial class Populator : IDisposable
{
    private readonly IPopulationStore _store;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly SemaphoreSlim _slots;
    private readonly ConcurrentDictionary<ByteKey, Flight> _flights = new();
    private readonly ConcurrentDictionary<ByteKey, bool> _renewals = new();
    private readonly KeyQueue _writers = new();
    private readonly ReadOnlyMemory<byte> _leaseText;
    private long _originTicks;

    /// <summary>A populator.</summary>
    /// <param name="store">The cluster.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <param name="random">Where tokens, jitter and waits are taken from; null: a shared source. A seeded one makes a run repeatable, and must not be used by several threads.</param>
    /// <exception cref="ArgumentOutOfRangeException">The policy has a value that is not possible.</exception>
    public Populator(IPopulationStore store, PopulationPolicy policy, TimeProvider? time = null, Random? random = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(policy);
        _store = store;
        Policy = policy.Validated();
        _time = time ?? TimeProvider.System;
        _random = random ?? Random.Shared;
        _slots = new SemaphoreSlim(policy.MaxConcurrency);
        _leaseText = Milliseconds(policy.Lease);
    }

    /// <summary>The policy.</summary>
    public PopulationPolicy Policy { get; }

    /// <summary>What happened so far.</summary>
    public PopulationCounters Counters { get; } = new();

    /// <summary>Removes a key; what is being loaded or written under it meanwhile is not stored.</summary>
    /// <param name="key">The key as the servers know it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether there was a value.</returns>
    /// <exception cref="PopulationStoreException">It may not have been removed.</exception>
    public async ValueTask<bool> RemoveAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken = default) =>
        (await _store.RunAsync(PopulationScripts.Remove, new(key), [], cancellationToken).ConfigureAwait(false)).Number > 0;

    /// <summary>Stores a value that is known to be true, with the policy's time; what is being loaded or written under its key meanwhile is not stored.</summary>
    /// <param name="key">The key as the servers know it.</param>
    /// <param name="value">The value.</param>
    /// <param name="ttl">How long it is fresh; null: as the policy says.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    /// <exception cref="PopulationStoreException">It may not have been stored.</exception>
    public async ValueTask SetAsync(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value, TimeSpan? ttl = null, CancellationToken cancellationToken = default) =>
        _ = await _store.RunAsync(PopulationScripts.Set, new(key), [value, StoredFor(ttl)], cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    private ReadOnlyMemory<byte> StoredFor(TimeSpan? ttl) => Milliseconds(Jittered(ttl ?? Policy.Ttl) + Policy.Stale);

    private TimeSpan Jittered(TimeSpan ttl) => ttl * (1 + (((_random.NextDouble() * 2) - 1) * Policy.JitterPercent / 100));

    private string Token(char kind)
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return kind + Convert.ToHexStringLower(bytes);
    }

    private static ReadOnlyMemory<byte> Milliseconds(TimeSpan time) =>
        Encoding.ASCII.GetBytes(Math.Max(1, (long)Math.Ceiling(time.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture));
}
