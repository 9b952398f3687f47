namespace RedisTopology.Operator.Entities;

/// <summary>
/// The rules of id ranges in CEL, over <see cref="ShardingSpec"/>: <see cref="Core.Keys.Tablets.TrySlots"/> once more. Put together from pieces, since CEL in a CRD has no functions.
/// </summary>
internal static class KeyRangeCel
{
    private const string First = "self.keyRange.first";
    private const string Size = "self.keyRange.granularity";
    private const string From = "int(r.split('-')[0])";
    private const string To = "int(r.split('-')[1])";
    private const string NotHere = "self.mode != 'KeyRange' || !has(self.keyRange) || !has(self.shards) || ";

    /// <summary>One range begins and ends where tablets do. Of the 16,384 tablets the last is open. Split once: the API server counts the cost of each split.</summary>
    private const string IsWhole =
        $"[r.split('-')].exists(p, p.size() == 2 && int(p[0]) >= {First} && (int(p[0]) - {First}) % {Size} == 0 && (int(p[0]) - {First}) / {Size} < 16384 && "
        + $"(p[1] == '' || (int(p[1]) >= int(p[0]) && (int(p[1]) + 1 - {First}) % {Size} == 0 && (int(p[1]) + 1 - {First}) / {Size} < 16384)))";

    /// <summary>Every range is made of whole tablets.</summary>
    public const string WholeTablets = NotHere + $"self.shards.all(s, s.ranges.all(r, {IsWhole}))";

    /// <summary>
    /// The first that is not, and the nearest one that is, in the words of <see cref="Core.Keys.Tablets.TrySlots"/>. With <c>format</c>, as a concatenation with a number is beyond the API server's
    /// cost budget whatever the number; so Kubernetes 1.30 or newer, and the chart leaves it out for older ones.
    /// </summary>
    public const string WholeTabletsMessage =
        $"self.shards.map(s, s.ranges.map(r, !{IsWhole}, "

        // First and last id, -2 for none; then the first tablet and the one behind the last, by the nearest boundaries, with one tablet at least.
        + "[r.split('-')].map(p, [int(p[0]), p.size() == 1 ? int(p[0]) : p[1] == '' ? -2 : int(p[1])])"
        + $".map(i, [i[0] < {First} ? 0 : (i[0] - {First} + {Size} / 2) / {Size}, i[1] == -2 ? 16384 : i[1] + 1 < {First} ? 0 : (i[1] + 1 - {First} + {Size} / 2) / {Size}])"
        + ".map(t, [t[0] > 16383 ? 16383 : t[0], t[1] > 16384 ? 16384 : t[1]]).map(t, [t[0], t[1] > t[0] ? t[1] : t[0] + 1])"
        + ".map(t, 'spec.sharding.shards[%s].ranges: \"%s\" is not made of whole tablets (%d ids each from %d, the last of 16384 open); the nearest range that is: \"%d-%s\"'"
        + $".format([s.name, r, {Size}, {First}, {First} + t[0] * {Size}, t[1] == 16384 ? '' : string({First} + t[1] * {Size} - 1)]))[0]))"
        + ".filter(l, l.size() > 0)[0][0]";

    /// <summary>As many ids as there should be, and one open range. An overlap and a gap of the same size cancel out: these are found by the operator.</summary>
    public const string Cover = NotHere
        + $"(self.shards.map(s, s.ranges.map(r, !r.contains('-') ? 0 : r.endsWith('-') ? -{From} : {To} - {From} + 1).sum()).sum() == -{First} && "
        + "self.shards.map(s, s.ranges.filter(r, r.endsWith('-')).size()).sum() == 1)";
}
