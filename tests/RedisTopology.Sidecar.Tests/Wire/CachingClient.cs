namespace RedisTopology.Sidecar.Tests.Wire;

/// <summary>A client that keeps what it has read until it is told that it may have changed.</summary>
public sealed class CachingClient : IDisposable
{
    private readonly RawClient _client;

    /// <summary>Connects, with RESP3 and CLIENT TRACKING ON.</summary>
    public CachingClient(int port, params string[] options)
    {
        _client = new RawClient(port);
        _client.Must("HELLO", "3");
        _client.Must(["CLIENT", "TRACKING", "ON", .. options]);
    }

    /// <summary>What it keeps.</summary>
    public Dictionary<string, string?> Cache { get; } = [];

    /// <summary>How many reads needed no server.</summary>
    public int Hits { get; private set; }

    /// <summary>How often it was told of a key, and how often to forget all.</summary>
    public int Told { get; private set; }

    public int Forgot { get; private set; }

    /// <summary>Sends a command; what it is told meanwhile is heeded.</summary>
    public Reply Call(params string[] arguments)
    {
        _client.Send(new Request(arguments).Frame.Span);
        return NextReply();
    }

    /// <summary>Reads keys, those that it does not have in one pipeline.</summary>
    public void Read(params string[] keys)
    {
        var missing = keys.Distinct().Where(k => !Cache.ContainsKey(k)).ToArray();
        Hits += keys.Length - missing.Length;
        _client.Send(missing.SelectMany(k => new Request("GET", k).Frame.ToArray()).ToArray());
        foreach (var key in missing)
            Cache[key] = NextReply() is { IsError: false } reply ? reply.Text : throw new InvalidOperationException($"GET {key}: an error");
    }

    /// <summary>Heeds what has come.</summary>
    public CachingClient Listen()
    {
        Call("PING");
        return this;
    }

    public void Dispose() => _client.Dispose();

    private Reply NextReply()
    {
        var reply = Reply.Parse(_client.Receive());
        for (; reply.Type == '>'; reply = Reply.Parse(_client.Receive()))
            Heed(reply.Array[1]);
        return reply;
    }

    private void Heed(Reply keys)
    {
        if (keys.IsNull)
        {
            Forgot++;
            Cache.Clear();
            return;
        }

        Told++;
        foreach (var key in keys.Texts)
            Cache.Remove(key);
    }
}
