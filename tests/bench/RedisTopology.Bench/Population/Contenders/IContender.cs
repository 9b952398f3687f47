namespace RedisTopology.Bench.Population;

/// <summary>A way to put a cache before the origin, as its own documentation recommends it.</summary>
internal interface IContender : IAsyncDisposable
{
    /// <summary>Reads a key, through the cache.</summary>
    ValueTask<long> ReadAsync(string key);

    /// <summary>Raises the number of a key in the origin and tells the cache; done when a reader may rely on it.</summary>
    /// <returns>The new number.</returns>
    ValueTask<long> WriteAsync(string key);
}
