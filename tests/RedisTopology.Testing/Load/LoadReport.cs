using System.Globalization;

namespace RedisTopology.Testing.Load;

/// <summary>What a load saw.</summary>
public sealed record LoadReport
{
    /// <summary>Writes that were acknowledged.</summary>
    public required long Written { get; init; }

    /// <summary>Reads that were answered and checked.</summary>
    public required long Reads { get; init; }

    /// <summary>Write attempts whose reply was lost: each may have been carried out.</summary>
    public required long Maybe { get; init; }

    /// <summary>Acknowledged writes that are gone.</summary>
    public required long Lost { get; init; }

    /// <summary>Those of them that were acknowledged before the load began: long ago, so that every replica had them.</summary>
    public required long OldLost { get; init; }

    /// <summary>Reads of something acknowledged that found nothing.</summary>
    public required int FalseNils { get; init; }

    /// <summary>Reads that returned less than was acknowledged before they began.</summary>
    public required int Stale { get; init; }

    /// <summary>Writes carried out more often than was asked.</summary>
    public required int Doubled { get; init; }

    /// <summary>Commands not answered within the deadline.</summary>
    public required int Late { get; init; }

    /// <summary>Errors that no retry mends.</summary>
    public required int Errors { get; init; }

    /// <summary>The first cases of all these, in words.</summary>
    public required IReadOnlyList<string> Examples { get; init; }

    /// <summary>Times between two acknowledged writes of one lane: half are shorter.</summary>
    public required TimeSpan MedianGap { get; init; }

    /// <summary>99 % are shorter.</summary>
    public required TimeSpan P99Gap { get; init; }

    /// <summary>The longest of them.</summary>
    public required TimeSpan LongestGap { get; init; }

    /// <summary>How long it ran.</summary>
    public required TimeSpan Lasted { get; init; }

    /// <summary>Redirections, refusals and lost connections, by kind.</summary>
    public required IReadOnlyDictionary<string, int> Troubles { get; init; }

    /// <summary>Nothing acknowledged was lost, no read was wrong, nothing was doubled, and everything was answered.</summary>
    public bool IsClean => Lost + FalseNils + Stale + Doubled + Late + Errors == 0;

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{Written} writes, {Reads} reads in {Lasted.TotalSeconds:0.0} s ({Maybe} maybe): {Lost} lost, {FalseNils} false nil, {Stale} stale, {Doubled} doubled, {Late} late, {Errors} errors; write gap p50 {MedianGap.TotalMilliseconds:0} p99 {P99Gap.TotalMilliseconds:0} longest {LongestGap.TotalMilliseconds:0} ms");
        if (Troubles.Count > 0)
            text += "; " + string.Join(", ", Troubles.OrderByDescending(t => t.Value).Select(t => $"{t.Key} {t.Value}"));
        return Examples.Count == 0 ? text : $"{text}\n  {string.Join("\n  ", Examples)}";
    }

    internal static LoadReport Of(IReadOnlyList<LoadLane> lanes, LoadFindings findings, TimeSpan lasted, Dictionary<string, int> troubles)
    {
        var gaps = lanes.SelectMany(l => l.Gaps()).Select(g => g.Length).Order().ToList();
        return new LoadReport
        {
            Written = lanes.Sum(l => (long)l.Acknowledged.Count),
            Reads = lanes.Sum(l => l.Reads),
            Maybe = lanes.Sum(l => l.Maybe),
            Lost = findings.Lost,
            OldLost = findings.OldLost,
            FalseNils = findings.FalseNils,
            Stale = findings.Stale,
            Doubled = findings.Doubled,
            Late = findings.Late,
            Errors = findings.Errors,
            Examples = [.. findings.Examples],
            MedianGap = gaps[gaps.Count / 2],
            P99Gap = gaps[(int)(gaps.Count * 0.99)],
            LongestGap = gaps[^1],
            Lasted = lasted,
            Troubles = troubles,
        };
    }
}
