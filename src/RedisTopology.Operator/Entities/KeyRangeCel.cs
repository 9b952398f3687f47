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

    /// <summary>One range begins and ends where tablets do. Of the 16,384 tablets the last is open.</summary>
    private const string IsWhole =
        $"(r.contains('-') && {From} >= {First} && ({From} - {First}) % {Size} == 0 && ({From} - {First}) / {Size} < 16384 && "
        + $"(r.endsWith('-') || ({To} >= {From} && ({To} + 1 - {First}) % {Size} == 0 && ({To} + 1 - {First}) / {Size} < 16384)))";

    /// <summary>Every range is made of whole tablets. To name the one that is not, or even a number, is beyond the API server's cost budget for a message: the operator does.</summary>
    public const string WholeTablets = NotHere + $"self.shards.all(s, s.ranges.all(r, {IsWhole}))";

    /// <summary>As many ids as there should be, and one open range. An overlap and a gap of the same size cancel out: these are found by the operator.</summary>
    public const string Cover = NotHere
        + $"(self.shards.map(s, s.ranges.map(r, !r.contains('-') ? 0 : r.endsWith('-') ? -{From} : {To} - {From} + 1).sum()).sum() == -{First} && "
        + "self.shards.map(s, s.ranges.filter(r, r.endsWith('-')).size()).sum() == 1)";
}
