namespace RedisTopology.Testing.Load;

/// <summary>An error reply, as a value: to a cluster client most of them are directions, not failures.</summary>
/// <param name="Message">Its text.</param>
internal sealed record RespError(string Message)
{
    /// <summary>Its first word: MOVED, ASK, CLUSTERDOWN, ...</summary>
    public string Kind => Message.Split(' ', 2)[0];
}
