namespace RedisTopology.Core.Topology;

/// <summary>
/// How slots that are about to be moved key by key are announced on their source: by subscriptions to <see cref="Name"/>, which says that there are any, and to channels that name them.
/// </summary>
public static class MoveChannel
{
    /// <summary>Subscribed to as long as anything is announced.</summary>
    public const string Name = "__redistopology:opening";

    /// <summary>What all channels that name slots match.</summary>
    public const string Pattern = Prefix + "*";

    private const string Prefix = Name + ":";

    /// <summary>The channel that names slots.</summary>
    /// <param name="slots">The slots.</param>
    /// <returns>Such as <c>__redistopology:opening:0-100,200</c>.</returns>
    public static string Of(SlotSet slots) => Prefix + slots;

    /// <summary>The slots that a channel names. Anybody may name a channel: what is no range is passed over.</summary>
    /// <param name="channel">Its name.</param>
    /// <returns>The ranges; none when it is another channel.</returns>
    public static IEnumerable<SlotRange> Read(string? channel)
    {
        if (channel?.StartsWith(Prefix, StringComparison.Ordinal) != true)
            yield break;
        foreach (var text in channel[Prefix.Length..].Split(','))
        {
            if (SlotRange.TryParse(text, out var range, out _))
                yield return range;
        }
    }
}
