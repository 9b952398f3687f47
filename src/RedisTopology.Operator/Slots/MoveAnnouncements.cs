using System.Collections.Concurrent;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Redis;

namespace RedisTopology.Operator.Slots;

/// <summary>
/// Tells whoever reads from replicas which slots are about to be moved key by key: a replica of their shard does not know it, and says of keys which have gone over that there are none. Told on the
/// source itself, by subscriptions that end with the connection, so that nobody has to take them back. Sidecars ask for them each second, and read such slots from masters.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class MoveAnnouncements(TimeProvider time)
{
    /// <summary>From an announcement to the first key: two questions of a sidecar, and the time of a read that was sent before the second.</summary>
    public static readonly TimeSpan Notice = TimeSpan.FromSeconds(2.5);

    /// <summary>In the name of one channel: some kilobytes.</summary>
    private const int MostRanges = 500;

    private readonly ConcurrentDictionary<string, Announcement> _sources = new();

    /// <summary>Announces slots, unless that is done already.</summary>
    /// <param name="source">Who is to give them away.</param>
    /// <param name="slots">The slots.</param>
    /// <param name="session">How its cluster is spoken to.</param>
    /// <returns>How long to wait until their keys may be moved; and what is cancelled when that is no longer known to everybody.</returns>
    /// <exception cref="RedisUnavailableException">The source does not answer.</exception>
    public async Task<(TimeSpan Wait, CancellationToken Ended)> AnnounceAsync(NodeRef source, SlotSet slots, RedisSession session)
    {
        if (!_sources.TryGetValue(source.Id, out var announcement) || announcement.Connection.IsLost || announcement.Address != source.Address)
        {
            announcement?.Connection.Dispose();
            announcement = _sources[source.Id] = new(source.Address, new DirectConnection(RedisEndpoint.Of(source.Address), session.Password, RedisConnections.Timeout, session.Trust));
        }

        var news = slots.Except(announcement.Slots);
        // A connection that was cut off has not ended yet on this side: it is asked.
        await (news.IsEmpty ? announcement.SendAsync("PING") : announcement.SendAsync("SUBSCRIBE", MoveChannel.Name));
        foreach (var ranges in news.Ranges.Chunk(MostRanges))
            await announcement.SendAsync("SUBSCRIBE", MoveChannel.Of(SlotSet.Of(ranges)));
        if (!news.IsEmpty)
            (announcement.Slots, announcement.Since) = (announcement.Slots.Union(news), time.GetTimestamp());
        var rest = Notice - time.GetElapsedTime(announcement.Since);
        return (rest > TimeSpan.Zero ? rest : TimeSpan.Zero, announcement.Connection.Lost);
    }

    /// <summary>Takes back what was announced of all sources but some.</summary>
    /// <param name="sources">The ids of those that still give slots away.</param>
    public void Keep(IReadOnlyCollection<string> sources)
    {
        foreach (var id in _sources.Keys.Except(sources))
        {
            if (_sources.TryRemove(id, out var announcement))
                announcement.Connection.Dispose();
        }
    }

    private sealed record Announcement(string Address, DirectConnection Connection)
    {
        public SlotSet Slots { get; set; } = SlotSet.Empty;

        public long Since { get; set; }

        public async Task SendAsync(string command, params object[] arguments)
        {
            await Connection.Send(command, [arguments])[0];
            // Until here it may have run within the thread that reads the server's replies.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }
    }
}
