namespace RedisTopology.Population;

/// <summary>Counts the outcomes of a push, in the order of its entries: what is counted is the cursor.</summary>
internal sealed class PushTally(long cursor)
{
    // A cluster in trouble finds many words for it; a report stays short.
    private const int MaxReasons = 20;
    private const string Others = "other reasons";

    private readonly Dictionary<string, PushReason> _reasons = new(StringComparer.Ordinal);
    private long _cursor = cursor, _stored, _skipped, _failed;

    public void Count(PushOutcome outcome)
    {
        var at = _cursor++;
        switch (outcome.Verdict)
        {
            case PushVerdict.Stored:
                _stored++;
                return;
            case PushVerdict.Skipped:
                _skipped++;
                return;
            default:
                _failed++;
                var reason = _reasons.ContainsKey(outcome.Reason!) || _reasons.Count < MaxReasons ? outcome.Reason! : Others;
                _reasons[reason] = _reasons.TryGetValue(reason, out var known) ? known with { Count = known.Count + 1 } : new(1, at);
                return;
        }
    }

    public PushProgress Progress() => new(_cursor, _stored, _skipped, _failed, new Dictionary<string, PushReason>(_reasons));
}
