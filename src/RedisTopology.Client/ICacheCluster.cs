using RedisTopology.Population;
using StackExchange.Redis;

namespace RedisTopology.Client;

/// <summary>
/// A Redis Cluster as a cache of an origin, a database as a rule. It is populated in one of three ways: lazily (<see cref="GetOrLoadAsync"/>: on a miss one process of all asks the
/// origin), by write-through (<see cref="WriteThroughAsync"/>: origin and cache in one call), or by push (<see cref="PushAsync"/>: before anybody asks).
/// </summary>
/// <remarks>
/// <para>Values are stored as plain strings: what is written here is, byte for byte, what <c>redis-cli GET</c> shows. Every write through this interface takes the lease of whoever is
/// loading the key, so that what was read from the origin before the write can not be stored after it.</para>
/// <para>Keys are the application's own; with <see cref="CacheClusterOptions.KeyRange"/> they are mapped on the way. Instances are safe for any number of threads.</para>
/// </remarks>
public interface ICacheCluster
{
    /// <summary>
    /// All the other commands. Keys are not mapped there: use <see cref="KeyOf"/> for them with <see cref="CacheClusterOptions.KeyRange"/>. A write here to a key that is
    /// loaded meanwhile does not stop the load from being stored.
    /// </summary>
    /// <exception cref="RedisConnectionException">No server can be reached; after the connect timeout, 5 seconds by default.</exception>
    IDatabase Database { get; }

    /// <summary>The key in the servers.</summary>
    /// <param name="key">The key as the application knows it.</param>
    /// <returns>The same key, or with KeyRange the one with its tag.</returns>
    RedisKey KeyOf(string key);

    /// <summary>Reads a value and loads it from the origin when it is not there: one call for all who want it, in whichever process.</summary>
    /// <typeparam name="T">The value's type, known to the serializer.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="load">
    /// Asks the origin; null is "there is no such thing", and is remembered for <see cref="PopulationPolicy.NegativeTtl"/>. It serves other callers too and goes on when this one
    /// has gone: it must not use what ends with a request, such as its scoped services, and only the token it is given.
    /// </param>
    /// <param name="policy">The name of a policy of <see cref="CacheClusterOptions.AddPolicy"/>; null: the default policy.</param>
    /// <param name="cancellationToken">Ends this caller's wait, not the load.</param>
    /// <returns>The value, or the type's default (null, or a zero for a value type) when the origin has none.</returns>
    /// <exception cref="OriginDownException">Neither cache nor origin has it: the origin failed (see the inner exception), or was too slow; at the latest after <see cref="PopulationPolicy.Deadline"/>.</exception>
    /// <exception cref="PopulationStoreException">The cluster refused or could not be reached. The origin was not asked: it would be asked by everybody.</exception>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    ValueTask<T?> GetOrLoadAsync<T>(string key, Func<CancellationToken, ValueTask<T?>> load, string? policy = null, CancellationToken cancellationToken = default);

    /// <summary>Writes a value to the origin and then to the cache, and is done when both have it. Until then readers get the old value.</summary>
    /// <typeparam name="T">The value's type, known to the serializer.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; not null.</param>
    /// <param name="write">
    /// Writes to the origin. It is given the write's idempotency key. When it throws <see cref="OriginRefusedException"/> the old value stays; after any other exception it is not
    /// known what the origin has, and the old value leaves the cache with the write's lease (<see cref="PopulationPolicy.Lease"/>).
    /// </param>
    /// <param name="policy">The name of a policy; null: the default policy.</param>
    /// <param name="cancellationToken">Ends the wait for other writers of the key; once the origin is asked, the write is brought to its end.</param>
    /// <returns>How it ended, and how many replicas have it when the policy's <see cref="PopulationPolicy.WaitReplicas"/> is above 0.</returns>
    /// <exception cref="WriteThroughException">It is not acknowledged; <see cref="WriteThroughException.Status"/> says whether it may have been written.</exception>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    ValueTask<WriteResult> WriteThroughAsync<T>(string key, T value, Func<OriginRequest<T>, CancellationToken, ValueTask> write, string? policy = null, CancellationToken cancellationToken = default);

    /// <summary>Stores many values before anybody asks, with bounded memory, at a bounded rate, and slower while reads of this process are slow.</summary>
    /// <typeparam name="T">The values' type, known to the serializer.</typeparam>
    /// <param name="entries">The values; the next one is asked for when there is room for it.</param>
    /// <param name="options">How; null: the defaults, which never overwrite what is there.</param>
    /// <param name="progress">Is told how far it is, once a second by default; null: nobody.</param>
    /// <param name="cancellationToken">Ends it; what is under way is finished first, and the last progress tells where to go on.</param>
    /// <returns>How many were stored, skipped, and failed, with the reasons.</returns>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    Task<PushProgress> PushAsync<T>(IAsyncEnumerable<Entry<T>> entries, PushOptions? options = null, IProgress<PushProgress>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Reads a value; nothing is loaded.</summary>
    /// <typeparam name="T">The value's type, known to the serializer.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The value, or the type's default when there is none.</returns>
    /// <exception cref="PopulationStoreException">It cannot be read.</exception>
    ValueTask<T?> GetAsync<T>(string key, CancellationToken cancellationToken = default);

    /// <summary>Stores a value whatever is there; what is being loaded or written under its key meanwhile is not stored.</summary>
    /// <typeparam name="T">The value's type, known to the serializer.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; not null.</param>
    /// <param name="ttl">How long it is fresh, before the policy's jitter; null: as the policy says.</param>
    /// <param name="policy">The name of a policy; null: the default policy.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task.</returns>
    /// <exception cref="PopulationStoreException">It may not have been stored.</exception>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    ValueTask SetAsync<T>(string key, T value, TimeSpan? ttl = null, string? policy = null, CancellationToken cancellationToken = default);

    /// <summary>Removes a value; what is being loaded or written under its key meanwhile is not stored. For who changes the origin by other ways: change it, then call this.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether there was a value.</returns>
    /// <exception cref="PopulationStoreException">It may not have been removed.</exception>
    ValueTask<bool> RemoveAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>What happened under a policy since the start: the same totals that the meter publishes.</summary>
    /// <param name="policy">The name of a policy; null: the default policy.</param>
    /// <returns>The live counters.</returns>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    PopulationCounters CountersOf(string? policy = null);
}
