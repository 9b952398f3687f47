namespace RedisTopology.Testing;

/// <summary>An error reply of a Redis server; the message is its text.</summary>
public sealed class RespErrorException(string message) : Exception(message)
{
    /// <summary>Whether the server is still reading its data.</summary>
    public bool IsLoading => Message.StartsWith("LOADING", StringComparison.Ordinal);
}
