namespace RedisTopology.Demo.Keys;

/// <summary>Writes and reads keys as an application would: through a client that knows Redis Cluster.</summary>
internal interface IKeys : IAsyncDisposable
{
    /// <summary>Writes the keys <c>demo:0</c>, <c>demo:1</c>, ...; returns how many were acknowledged.</summary>
    Task<int> WriteAsync(int count, CancellationToken cancel);

    /// <summary>Reads them; returns how many had the value written.</summary>
    Task<int> ReadAsync(int count, CancellationToken cancel);

    /// <summary>Writes one key; false when that fails.</summary>
    Task<bool> TryWriteAsync(string key, CancellationToken cancel);
}
