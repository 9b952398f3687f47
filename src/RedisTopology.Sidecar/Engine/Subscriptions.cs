namespace RedisTopology.Sidecar.Engine;

/// <summary>What a client has subscribed to: known here so that it survives the loss of the server it was told to.</summary>
internal sealed class Subscriptions
{
    /// <summary>Channels, names as bytes in Latin-1.</summary>
    public HashSet<string> Channels { get; } = [];

    /// <summary>Patterns.</summary>
    public HashSet<string> Patterns { get; } = [];

    /// <summary>Sharded channels.</summary>
    public HashSet<string> ShardChannels { get; } = [];

    /// <summary>Confirmations the client still waits for, in the order in which it asked, and whether a server has given them: any other is of a renewal, and is the sidecar's own affair.</summary>
    public List<(string Kind, string Name, bool IsGiven)> Awaited { get; } = [];

    /// <summary>Whether one of those has been given and waits for one before it.</summary>
    public bool HoldsBack => Awaited.Exists(a => a.IsGiven);

    /// <summary>What has been confirmed of channels and patterns: how many they are is what a confirmation tells.</summary>
    public HashSet<(string Kind, string Name)> Confirmed { get; } = [];

    /// <summary>And of sharded channels, which are counted by themselves.</summary>
    public HashSet<(string Kind, string Name)> ConfirmedShardChannels { get; } = [];

    /// <summary>Notices of keys, which every master is told: by kind and name, how many have yet to confirm before the last of them, which is the client's confirmation.</summary>
    public Dictionary<string, int> Owed { get; } = [];

    /// <summary>The connection for channels and patterns.</summary>
    public Upstream? Main { get; set; }

    /// <summary>The connections for sharded channels and for notices of keys, by server.</summary>
    public Dictionary<int, Upstream> Shards { get; } = [];

    /// <summary>What came while a confirmation was held back.</summary>
    public ByteQueue Early;

    /// <summary>What came while a long reply was being passed on.</summary>
    public ByteQueue Later;

    /// <summary>When lost subscriptions are renewed, in milliseconds; 0: none are lost.</summary>
    public long RenewAt { get; set; }

    /// <summary>The number of the first of those that are still to be confirmed; 0: there are none.</summary>
    public long Confirming { get; set; }

    /// <summary>How many things it is subscribed to.</summary>
    public int Count => Channels.Count + Patterns.Count + ShardChannels.Count;

    /// <summary>All connections.</summary>
    public IEnumerable<Upstream> Upstreams => Main is null ? [.. Shards.Values] : [Main, .. Shards.Values];

    /// <summary>The set a kind of subscription is kept in.</summary>
    /// <param name="kind">"subscribe", "psubscribe", "ssubscribe", or one of them with "un".</param>
    public HashSet<string> Of(string kind) => kind switch
    {
        "subscribe" or "unsubscribe" => Channels,
        "psubscribe" or "punsubscribe" => Patterns,
        _ => ShardChannels,
    };

    /// <summary>The client waits for one confirmation more.</summary>
    public void Await(string kind, string name) => Awaited.Add((kind, name, false));

    /// <summary>A confirmation has come.</summary>
    /// <returns>Whether the client waits for it: <see cref="TakeDue"/> tells when it is due.</returns>
    public bool Confirm(string kind, string name)
    {
        var key = kind + " " + name;
        if (Owed.TryGetValue(key, out var owed))
        {
            if (owed == 1)
                Owed.Remove(key);
            else
                Owed[key] = owed - 1;
            return false;
        }

        var at = Awaited.IndexOf((kind, name, false));
        if (at < 0)
            return false;
        Awaited[at] = (kind, name, true);
        return true;
    }

    /// <summary>Takes those confirmations whose turn it is: servers give them in any order.</summary>
    /// <returns>Those that are to be told now.</returns>
    public List<(string Kind, string Name, bool IsGiven)> TakeDue()
    {
        var count = Awaited.FindIndex(a => !a.IsGiven) is >= 0 and var first ? first : Awaited.Count;
        var due = Awaited.GetRange(0, count);
        Awaited.RemoveRange(0, count);
        return due;
    }
}
